import {
  type Copy,
  DockerfileParser,
  type From,
  type Instruction,
  type JSONInstruction,
  type PropertyInstruction,
} from 'dockerfile-ast';

/** A step of a Dockerfile, its variables not yet put in. */
export type Step =
  | { readonly kind: 'from'; readonly image: string; readonly stage: string | null }
  | { readonly kind: 'copy'; readonly from: string | null; readonly paths: readonly string[] }
  | { readonly kind: 'run' | 'workdir' | 'user'; readonly text: string }
  | { readonly kind: 'env' | 'label' | 'arg'; readonly pairs: ReadonlyMap<string, string | null> }
  | {
      readonly kind: 'entrypoint' | 'cmd' | 'healthcheck';
      readonly command: readonly string[];
    };

/** The steps of a Dockerfile in their order. Throws on an instruction that is none of those above. */
export function readDockerfile(text: string): Step[] {
  return DockerfileParser.parse(text)
    .getInstructions()
    .flatMap((instruction) => readStep(instruction) ?? []);
}

function readStep(instruction: Instruction): Step | null {
  const kind = instruction.getKeyword().toLowerCase();
  const content = instruction.getArgumentsContent() ?? '';
  switch (kind) {
    case 'from': {
      const from = instruction as From;
      return { kind, image: from.getImage()!, stage: from.getBuildStage() };
    }
    case 'copy': {
      const copy = instruction as Copy;
      if (copy.getFlags().some((flag) => flag.getName() !== 'from'))
        throw new Error(`a flag of COPY that is not known here: ${content}`);
      const paths = copy.getArguments().map((argument) => argument.getValue());
      return { kind, from: copy.getFromFlag()?.getValue() ?? null, paths };
    }
    case 'run':
    case 'workdir':
    case 'user':
      return { kind, text: content };
    case 'env':
    case 'label':
    case 'arg': {
      const properties = (instruction as PropertyInstruction).getProperties();
      return { kind, pairs: new Map(properties.map((one) => [one.getName(), one.getValue()])) };
    }
    case 'entrypoint':
    case 'cmd':
      return {
        kind,
        command: commandOf((instruction as JSONInstruction).getJSONStrings(), content),
      };
    case 'healthcheck': {
      const from = content.indexOf('[');
      return { kind, command: from < 0 ? [] : (JSON.parse(content.slice(from)) as string[]) };
    }
    // Which port it is says the environment.
    case 'expose':
      return null;
    default:
      throw new Error(`an instruction that is not known here: ${instruction.getInstruction()}`);
  }
}

function commandOf(strings: readonly { getJSONValue(): string }[], content: string): string[] {
  // A shell in between would get the signals.
  if (strings.length === 0) throw new Error(`expected the form of a list: ${content}`);
  return strings.map((one) => one.getJSONValue());
}
