import type { Plot } from './story.js';

/** Lost things, new friends, sharing, help, fear, building, baking, rain. */
export const FIRST_PLOTS: readonly Plot[] = [
  {
    name: 'lost toy',
    start: [
      `{hero} had a {color} {toy}. {He} [took it everywhere|loved it very much|played with it every day|slept with it every night].`,
      `?It was a gift from {elder}.`,
    ],
    middle: [
      [
        `One [morning|afternoon|rainy day|sunny day], the {toy} was [gone|not there|nowhere to be seen].`,
        `{hero} looked [under the bed|behind the door|in the big box|under the table] and [in the kitchen|in the garden|on the stairs|behind the chair], but {he} could not find it.`,
        `[{He} felt very sad|{He} began to cry|A tear ran down {his} face|{His} heart felt heavy].`,
        `"Where is my {toy}?" {he} [asked|cried|said in a small voice].`,
      ],
      [
        `{fwho} [heard {him}|saw that {hero} was sad|came to see what was wrong].`,
        `"[Do not worry|Please do not cry|Let us think]," said {friend}. "[We can look for it together|I will help you find it|Two can look better than one]."`,
        `They walked to the {place}. They looked [behind every tree|in the tall grass|under the bench|near the gate].`,
        `[Then|At last|After a long time], {friend} [pointed|called out|laughed]. "[Look|See|Over there]! Something {color} is [in the bush|under the leaves|on the path|behind that stone]!"`,
      ],
    ],
    end: [
      `It was the {toy}! {hero} [hugged it tightly|jumped up and down|smiled from ear to ear].`,
      `"Thank you, {friend}," {he} said. "[You are a true friend|I could not have found it alone|You are so kind]."`,
      `From then on, {hero} [always put the {toy} back in its place|took better care of the {toy}|let {friend} play with the {toy} too].`,
    ],
  },
  {
    name: 'new friend',
    start: [
      `{hero} [had no one to play with|often played alone|wished for a friend]. [Every day {he} sat by the window|{He} told stories to {his} {toy}|{He} watched the others from far away].`,
    ],
    middle: [
      [
        `One day, a {ftrait} {fkind} named {friend} [moved in next door|came to the {place}|walked down the road].`,
        `{hero} wanted to say hello, but {he} was [too shy|a little afraid|not sure what to say].`,
        `{He} [hid behind a tree|looked at {his} feet|took one step and stopped].`,
      ],
      [
        `[Then|Just then|All at once], the wind took {friend}'s {color} hat. It flew over the [fence|bush|wall] and [landed at {hero}'s feet|got stuck in a tree near {hero}].`,
        `{hero} [picked it up|reached for it|ran to get it] and brought it back. "[Here is your hat|I think this is yours|You lost this]," {he} said.`,
        `"Thank you!" said {friend}. "[Do you want to play|Would you like to see my {toy}|Shall we run to the {water}]?"`,
        `{hero} nodded. They played [until the sun went down|all afternoon|until it was time for dinner].`,
      ],
    ],
    end: [
      `[At home|That evening], {hero} told {elder}, "[I made a friend today|I am not alone any more|Today was the best day]."`,
      `{elder} smiled. "[Sometimes one small step is all you need|A kind word can open a door|Being kind is the best way to begin]."`,
    ],
  },
  {
    name: 'sharing',
    start: [
      `One day, {elder} gave {hero} a big {color} {toy}. It was [shiny and new|the best one in the shop|just what {he} had wished for].`,
    ],
    middle: [
      [
        `{hero} took the {toy} to the {place}. {fwho} came [running|over|up to {him}].`,
        `"[Can I play too|May I have a turn|Can I hold it]?" asked {friend}.`,
        `"No," said {hero}. "[It is mine|You might break it|I want to play alone]."`,
        `{friend} [walked away slowly|sat down under a tree|looked at the ground]. {Fhe} was [sad|hurt|very quiet].`,
      ],
      [
        `{hero} played alone, but [it was not much fun|soon it was boring|something was missing]. [There was no one to laugh with|Nobody clapped|The {place} was too quiet].`,
        `{He} looked at {friend} and [thought for a while|felt bad inside|remembered how {friend} had helped {him} before].`,
        `Then {he} went over. "[I am sorry|I was not nice|I was wrong]," {he} said. "[Let us play together|You can have the first turn|We can both use it]."`,
        `{friend} [smiled|jumped up|laughed]. They took turns and [made up a new game|laughed until their tummies hurt|played until the stars came out].`,
      ],
    ],
    end: [
      `{hero} learned that [a toy is more fun with a friend|sharing makes everyone happy|good things grow when you share them].`,
    ],
  },
  {
    name: 'stuck animal',
    start: [`{hero} liked to walk in the {place}. {He} knew [every path|all the birds|every tree] there.`],
    middle: [
      [
        `One [cold|windy|bright|foggy] [morning|day|evening], {he} heard a [small|sad|soft|strange] sound. "[Help|Please help me|Is anyone there]!"`,
        `It was a little {baby}. It was stuck [in the mud|in a deep hole|high up in a tree|between two stones|in a thorny bush].`,
        `"[Do not be afraid|Stay calm|I am here]," said {hero}. "I will help you."`,
        `{He} [pulled and pulled|tried to reach it|pushed with all {his} strength], but {he} was [too small|not strong enough|not tall enough].`,
      ],
      [
        `So {hero} ran to {fwho}. "[Come quickly|Please come|I need you]!" {he} [called|shouted]. "[A {baby} is stuck|A {baby} needs us]!"`,
        `{friend} brought a [long rope|strong branch|ladder|wooden board]. They worked together. [One, two, three|Slowly and carefully|Little by little], they got the {baby} out.`,
        `The {baby} [shook its tail|danced around them|licked {hero}'s hand|was dirty but safe]. "[Thank you|You saved me|You are my heroes]!" it said.`,
      ],
    ],
    end: [
      `They [gave it some water|wrapped it in a warm blanket|shared {food} with it] and [took it home to its mother|showed it the way home|stayed until its family came].`,
      `{hero} was [tired but happy|proud|glad]. [Working together had made them strong|Even small helpers can do big things|It felt good to help].`,
    ],
  },
  {
    name: 'afraid',
    start: [
      `There was one thing {hero} did not like. {He} was afraid of {fear}. [{He} did not tell anyone|It made {his} knees shake|Just thinking of it made {him} hide under the blanket].`,
    ],
    middle: [
      [
        `One [evening|day], {fwho} [asked {him} to come along|wanted to show {him} something|needed {his} help]. But to get there, {hero} had to face {fear}.`,
        `{hero} [stopped|turned white|held {his} breath]. "[I cannot do it|I want to go home|I am scared]," {he} [said|whispered].`,
        `{friend} did not laugh. "[I was afraid once too|Everyone is afraid of something|It is all right to be scared]," {fhe} said. "[Hold my hand|I will stay with you|We will go slowly]."`,
      ],
      [
        `{hero} [took a deep breath|closed {his} eyes and counted to three|thought of something nice]. {He} took one step. Then {he} took [another|one more|a bigger one].`,
        `[Nothing bad happened|It was not so bad|{His} heart beat fast, but {he} did not stop]. [Soon|Before long|Step by step], {he} had done it!`,
        `"[You did it|I knew you could|How brave you are]!" [called|cheered|said] {friend}.`,
      ],
    ],
    end: [
      `{hero} [laughed|stood tall|felt warm inside]. {He} was still a little afraid of {fear}, but now {he} knew that [being brave means trying anyway|a friend makes it easier|fear gets smaller with every step].`,
    ],
  },
  {
    name: 'building',
    start: [
      `{hero} had a plan. {He} wanted to build a [tall tower|little boat|tree house|big castle|small bridge|bird house].`,
    ],
    middle: [
      [
        `{He} [found some wood|took {his} tools|gathered sticks and stones] and [began to work|went to the {place}|worked all morning].`,
        `But {he} was in a hurry. [Crash|Bang|Bump]! [It all fell down|The whole thing broke|It fell apart].`,
        `{hero} [kicked a stone|was angry|wanted to give up]. "[I will never finish it|It is too hard|I am no good at this]!" {he} [said|shouted].`,
      ],
      [
        `{elder} [came out of the house|had seen it all|sat down next to {him}]. "[What went wrong|What can you do better|Why did it fall]?" {ehe} asked.`,
        `{hero} thought. "[The bottom was too weak|I went too fast|I did not look at my plan]," {he} said.`,
        `So {he} tried again. This time {he} [put the big pieces at the bottom|worked slowly|checked every part]. {friend} [held the wood|brought more nails|helped {him} lift the heavy parts].`,
      ],
    ],
    end: [
      `[When the sun went down|By evening|At last], it was done, and it [did not fall|was strong and fine|looked wonderful].`,
      `"[Trying again was the right thing|I am glad I did not stop|Slow is sometimes fast]," said {hero}, and [{friend} agreed|{elder} nodded|everyone clapped].`,
    ],
  },
  {
    name: 'baking',
    start: [`It was {friend}'s birthday. {hero} wanted to make {food} as a surprise.`],
    middle: [
      [
        `{He} went to the kitchen and took [flour, eggs and milk|a big bowl and a spoon|everything {he} needed].`,
        `{hero} [stirred and stirred|mixed it all|read the list twice]. But then {he} [used salt and not sugar|dropped an egg on the floor|forgot to look at the clock|spilled the milk].`,
        `[The kitchen was a mess|It smelled strange|It tasted awful]. {hero} [looked at it and sighed|almost cried|did not know what to do].`,
      ],
      [
        `{elder} came in. {Ehe} did not [get angry|shout|scold {him}]. "[Everyone makes mistakes|That happened to me once|We can fix this]," {ehe} said.`,
        `Together they [cleaned up|washed the bowl|wiped the floor] and [began again|made a new one|tried once more]. This time {hero} [tasted the sugar first|watched the clock|was very careful].`,
        `[Soon the house smelled sweet|The {food} came out warm and golden|It looked just right].`,
      ],
    ],
    end: [
      `When {friend} saw it, {fhe} [clapped|laughed with joy|could not believe it]. "[This is the best birthday|You made this for me|It is delicious]!" {fhe} said.`,
      `They all ate together, and there was [not a crumb left|enough for everyone|even some for the birds].`,
    ],
  },
  {
    name: 'picnic in the rain',
    start: [
      `{hero} and {fwho} wanted to have a picnic in the {place}. They packed {food} and a {snack} for each of them.`,
    ],
    middle: [
      [
        `The sky was [blue|clear|bright] when they left. They [sang as they walked|skipped down the path|raced to the big tree].`,
        `They [put the blanket on the grass|found a nice spot by the {water}|opened the basket]. Then a [dark|big|gray] cloud came. [Drip, drop, drip|Plop|Splash]! It began to rain.`,
        `"[Oh no|Our picnic is ruined|Everything will get wet]!" cried {friend}.`,
      ],
      [
        `{hero} looked around. {He} saw [an old barn|a cave|a big tree with thick leaves|a little hut]. "[Come on|This way|Follow me]!" {he} called.`,
        `They ran and [sat down inside|shook the water off|laughed]. [The rain drummed on the roof|They could hear the rain outside|It was dry and cozy there].`,
        `They ate their food and [told each other stories|played a guessing game|counted the drops]. When the rain stopped, they saw a [rainbow|bright rainbow over the {place}].`,
      ],
    ],
    end: [
      `"[This was better than a picnic in the sun|I like rain now|What a lucky day]," said {friend}. {hero} [agreed|nodded|smiled].`,
      `On the way home they jumped in every puddle.`,
    ],
  },
];
