/** How one tensor is held: a compressor by its name, with its options. */
export interface TensorFormat {
  /** Name of a compressor plugin: `ternary`, `int4`, `int8`. */
  readonly use: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

/**
 * How the matrices of a model compute when they are more than plain float matrices. It is part of the model's config:
 * whoever opens the model computes with it in this way.
 */
export interface Quantization {
  /**
   * What the stored weights are. `latent`: floats to which the formats are applied in every pass, as training wants them.
   * `applied`: what the formats made of the latents; nothing is applied again, for the mean of ternary weights is another
   * scale than theirs.
   */
  readonly weights: 'latent' | 'applied';
  /**
   * Inputs of the matrices of `formats` that are multiplied, heads included: rounded to 8 bits per token (Wang et al. 2023),
   * to 8 bits per block of inputs as the kernels round that multiply with codes, or as they are.
   */
  readonly activations: 'int8' | 'int8-block' | 'float';
  /**
   * Linear matrices whose input is normalised first (SubLN; Wang et al. 2022), each by a gain `<matrix>.subln` [in] of its
   * own.
   */
  readonly norms: readonly string[];
  /** Of the norms before matrices. */
  readonly epsilon: number;
  /** Formats by the name of the tensor; what is not named is computed with as it is stored. */
  readonly formats: Readonly<Record<string, TensorFormat>>;
}

/** Name of the gain of the norm before a matrix. */
export function normName(matrix: string): string {
  return `${matrix}.subln`;
}
