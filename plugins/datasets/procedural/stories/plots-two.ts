import type { Plot } from './story.js';

/** Gardens, truth, races, treasure, quarrels, sickness, skills, night. */
export const SECOND_PLOTS: readonly Plot[] = [
  {
    name: 'garden',
    start: [
      `One spring day, {elder} gave {hero} a tiny seed. "[Take good care of it|It needs water and sun|Be patient with it]," {ehe} said.`,
    ],
    middle: [
      [
        `{hero} [dug a small hole|found a good spot|made a little bed of earth] in the garden and [put the seed in|covered it gently|planted the seed].`,
        `Every [morning|day], {he} [gave it water|looked at the ground|sang to it]. But [nothing happened|there was only brown earth|nothing grew].`,
        `"[It will never grow|Maybe it is asleep|Did I do it wrong]?" {he} asked {fwho}.`,
        `"[Wait a little longer|Good things take time|Seeds are slow]," said {friend}.`,
      ],
      [
        `{hero} waited. [Days went by|A week went by|It rained and the sun came back]. Then, one morning, there was a [tiny green leaf|small green tip|little sprout]!`,
        `{He} [ran to tell everyone|danced around it|could not stop looking at it]. The plant grew [higher and higher|bigger every week|taller than {hero}].`,
        `[By summer|Before autumn came], it was a [big|beautiful|strong] {plant}.`,
      ],
    ],
    end: [
      `"[You waited and you cared for it|You did it|Look what you have made]," said {elder}.`,
      `{hero} gave {friend} a seed of {his} own, so that [{fhe} could grow one too|there would be two next year].`,
    ],
  },
  {
    name: 'truth',
    start: [
      `{elder} had a beautiful {color} [vase|cup|plate|lamp|clock]. It stood [on the table|by the window|on a high shelf]. "Please be careful," {ehe} always said.`,
    ],
    middle: [
      [
        `One day, {hero} played with {his} {toy} in the house. [It flew too far|{He} ran too fast|{He} did not look]. [Crash|Oh no]! It fell to the floor and broke.`,
        `{hero} [stood very still|looked at the pieces|felt hot and cold]. [{He} hid the pieces under the bed|{He} pushed the pieces behind the sofa|{He} put the pieces in a box].`,
        `When {elder} came home, {ehe} asked, "What happened?" {hero} [looked away|said nothing|said, "I do not know"].`,
      ],
      [
        `That night, {he} [could not sleep|turned over and over|stared at the ceiling]. [There was a stone in {his} tummy|The lie felt heavy|{He} kept thinking about it].`,
        `In the morning, {he} went to {elder}. "[I broke it|It was me|I have to tell you something]," {he} said. "I am sorry."`,
        `{elder} [was quiet for a moment|took {his} hand|looked at {him}]. "[I am sad that it broke|Things can break], but I am [glad|proud] that you told the truth," {ehe} said.`,
      ],
    ],
    end: [
      `Together they [glued the pieces|cleaned up|made a new one out of clay]. {hero} felt [light again|much better|ten times lighter].`,
      `[The truth had been hard, but hiding it was harder|After that, {he} always told the truth|{He} never hid a mistake again].`,
    ],
  },
  {
    name: 'race',
    start: [
      `Every [summer|autumn|spring], there was a big race in the {place}. {hero} [had trained for weeks|wanted to win|had never been in a race before].`,
    ],
    middle: [
      [
        `[On the day of the race|That morning], everyone came to watch. {fwho} was there too. "[I am the fastest|Nobody can beat me|I will win for sure]!" said {friend}.`,
        `"Ready, set, go!" They [ran like the wind|shot down the hill|were off]. {friend} was [far ahead|in front|first].`,
        `But [halfway|at the {water}|near the end], {friend} [tripped over a root|fell in the mud|hurt {fhis} foot]. "[Ouch|Ow|Oh no]!" {fhe} cried.`,
      ],
      [
        `{hero} could [run past {fhim}|win now|see the finish line]. But {he} [stopped|slowed down|turned around]. "[Are you all right|Can you stand up|Does it hurt]?" {he} asked.`,
        `{friend} [shook {fhis} head|had tears in {fhis} eyes|tried to get up]. So {hero} [helped {fhim} up|gave {fhim} {his} arm|let {fhim} lean on {him}], and they walked on together.`,
        `They were the last to cross the line, but [everyone cheered|the crowd clapped the loudest for them|nobody minded].`,
      ],
    ],
    end: [
      `"[You could have won|Why did you stop]," said {friend}. "[A friend is worth more than a prize|I would rather have a friend|Some things are better than winning]," said {hero}.`,
    ],
  },
  {
    name: 'treasure',
    start: [
      `{hero} was [digging in the sand|walking along the {water}|helping {elder} in the garden|cleaning the attic] when {he} found [an old|a {color}|a strange|a small, dusty] {treasure}.`,
    ],
    middle: [
      [
        `"[What is this|Where does it come from|Who lost this]?" {he} [wondered|asked]. {He} [cleaned it with {his} sleeve|held it up to the light|turned it around and around].`,
        `{He} showed it to {fwho}. "[It must be magic|It looks very old|Maybe it belongs to a queen]!" said {friend}.`,
        `"[We should find the owner|Somebody must miss it|Let us ask around]," said {hero}.`,
      ],
      [
        `They asked [the baker|the old miller|the teacher] and [the farmer|the shoemaker|the fisherman], but [nobody knew it|it was not theirs|they all shook their heads].`,
        `[At last|In the end], they came to a little house [at the edge of the {place}|on the hill|by the {water}]. An old woman [opened the door|sat in the sun].`,
        `When she saw the {treasure}, [her eyes filled with tears|she put her hands to her face|she smiled]. "[I lost it many years ago|It was my mother's|I never thought I would see it again]," she said.`,
      ],
    ],
    end: [
      `She gave them [warm milk and {food}|each a {snack}|a big hug] and told them [a story from long ago|how she had lost it].`,
      `[On the way home|That night], {hero} said, "[Giving it back was the best part|I think that was the real treasure|I am glad we asked]."`,
    ],
  },
  {
    name: 'quarrel',
    start: [
      `{hero} and {fwho} were [best friends|always together|good friends]. They did everything together.`,
    ],
    middle: [
      [
        `But one day they both wanted the same {toy}. "[I had it first|It is my turn|Give it to me]!" said {hero}. "[No, me|You had it yesterday|That is not fair]!" said {friend}.`,
        `They pulled and pulled. [Snap|Rip|Crack]! The {toy} [broke in two|was broken]. "[It is your fault|Look what you did|I do not like you any more]!" they both shouted.`,
        `{hero} [ran home|went one way and {friend} went the other|slammed the door].`,
      ],
      [
        `[The next day|All day long], {hero} was [lonely|bored|unhappy]. [The swings were no fun|The game had no rules alone|There was no one to tell a joke to].`,
        `{He} took [some glue|a needle and thread|some tape] and mended the {toy}. Then {he} went to {friend}'s house. On the way, {he} met {friend}, who was [coming to {him}|carrying a {snack} for {him}|walking slowly].`,
        `"I am sorry," they said at the same time. Then they [laughed|hugged|both began to giggle].`,
      ],
    ],
    end: [
      `{friend} [saw the mended {toy}|looked at the {toy}]. "[It looks even better now|You fixed it|You can go first]," {fhe} said.`,
      `They [learned that saying sorry is not so hard|knew that friends can be angry and still be friends|made a rule: everyone gets a turn].`,
    ],
  },
  {
    name: 'sick friend',
    start: [
      `[One winter day|One Monday|One cold day], {fwho} did not come out to play. {Fhe} was sick in bed with a [cold|fever|sore throat].`,
    ],
    middle: [
      [
        `{hero} [missed {fhim}|was worried|wanted to cheer {fhim} up]. "[What can I do|How can I help]?" {he} asked {elder}.`,
        `"[Bring {fhim} something warm|A visit is the best medicine|Let us make some soup]," said {elder}.`,
        `So {hero} [filled a basket|made a card|took {his} {toy}] and walked [through the snow|across the {place}|down the long road] to {friend}'s house.`,
      ],
      [
        `{friend} [was lying under three blankets|looked pale|had a red nose]. "[You came|I was so bored|How nice to see you]!" {fhe} said in a weak voice.`,
        `{hero} [read {fhim} a story|told {fhim} a funny joke|played a quiet game with {fhim}|showed {fhim} the {color} {toy}]. {friend} [laughed so much that {fhe} forgot to cough|began to feel better|smiled for the first time that day].`,
        `{hero} came back [every day|the next day and the day after that]. [After a week|Soon], {friend} was [well again|strong again|out of bed].`,
      ],
    ],
    end: [
      `The first thing {friend} did was [run to {hero}'s house|give {hero} a big hug|bring {hero} some {food}].`,
      `"[You were my best medicine|When you are sick, I will come to you|I will never forget it]," {fhe} said.`,
    ],
  },
  {
    name: 'skill',
    start: [
      `All the others could {skill}, but {hero} could not. [It looked so easy|{He} was the only one|{He} wanted it more than anything].`,
    ],
    middle: [
      [
        `{He} tried on [Monday|the first day]. It [did not work|went wrong|was a mess]. {He} tried on [Tuesday|the second day]. It [went wrong again|was not much better|still did not work].`,
        `Some of the others laughed. {hero} [went red|ran away|hid behind the barn]. "[I will never learn it|I give up|I am not like them]," {he} said.`,
        `{fwho} [sat down next to {him}|had followed {him}|brought {him} a {snack}]. "It took me [a whole year|a hundred tries|all summer]," {fhe} said. "[Show me what you do|Let us try together|I can teach you a trick]."`,
      ],
      [
        `Every day after [school|lunch|breakfast], they met [at the {place}|by the {water}|behind the house]. {friend} [showed {him} how|never got tired|clapped at every small step].`,
        `[Little by little|Day by day|Slowly], it got better. Then one [morning|evening|afternoon], {hero} could do it! "[Look|Look at me|I can do it]!" {he} [shouted|cried|laughed].`,
      ],
    ],
    end: [
      `[Now {he} could {skill} like everyone else|The others were amazed|{elder} was so proud]. And when a little {baby} said, "I cannot do it," {hero} said, "[Not yet|Come, I will show you|Neither could I]."`,
    ],
  },
  {
    name: 'night',
    start: [
      `[One night|One summer night|Late one evening], {hero} could not sleep. [The moon was too bright|{He} was not tired at all|A sound had woken {him}].`,
    ],
    middle: [
      [
        `{He} went to the window and looked out. [Something was moving in the garden|There was a small light in the {place}|Someone was singing outside].`,
        `{hero} put on {his} [coat|slippers|{color} scarf] and [went out|tiptoed down the stairs|opened the door very quietly].`,
        `There sat {fwho}, [looking at the stars|with a lantern|counting the stars]. "[I could not sleep either|Come and sit with me|Did I wake you]?" said {friend}.`,
      ],
      [
        `They [lay down in the grass|sat on the old bench|climbed up the hill]. [A star fell from the sky|An owl called|Fireflies danced around them]. "[Make a wish|Did you see that|How beautiful]!" [whispered|said] {friend}.`,
        `{hero} [closed {his} eyes and made a wish|thought for a long time|smiled in the dark]. "[What did you wish for|Will you tell me]?" asked {friend}.`,
        `"[That every night could be like this|That we stay friends forever|If I tell you, it will not come true]," said {hero}.`,
      ],
    ],
    end: [
      `[Soon|After a while], they both [yawned|grew sleepy|could not keep their eyes open]. {hero} [went back to bed|walked home slowly] and [slept until noon|dreamed of the stars|slept very well].`,
    ],
  },
];
