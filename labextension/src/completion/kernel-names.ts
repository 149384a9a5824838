/** The names that live in a Python kernel, with their types: asked for when the kernel is idle, and something ran. */
import type { Kernel, KernelMessage } from '@jupyterlab/services';

export type Names = { readonly [name: string]: string };

const MAX = 100;
const NONE: Names = {};
/** Runs in the kernel without a trace; of a value only its type is looked at. */
const EXPRESSION =
  `__import__("json").dumps(dict([(k, (type(v).__module__.split(".")[0] + "." if type(v).__module__ ` +
  `not in ("builtins", "__main__") else "") + type(v).__qualname__) for k, v in list(globals().items()) ` +
  `if k[:1] != "_" and k not in ("In", "Out", "exit", "quit", "open", "get_ipython") ` +
  `and type(v).__name__ != "module"][-${MAX}:]))`;

interface Known {
  names: Names;
  isOld: boolean;
}

export class KernelNames {
  /** What is known of the kernel's names now; when something ran since, they are asked for. */
  of(kernel: Kernel.IKernelConnection | null | undefined): Names {
    if (!kernel) {
      return NONE;
    }
    const known = this.known.get(kernel) ?? this.watch(kernel);
    if (known.isOld && kernel.status === 'idle') {
      known.isOld = false;
      void this.ask(kernel, known);
    }
    return known.names;
  }

  private watch(kernel: Kernel.IKernelConnection): Known {
    const known: Known = { names: NONE, isOld: true };
    this.known.set(kernel, known);
    kernel.iopubMessage.connect((_, { header }) => {
      // Nothing of ours: what runs without a trace is not told.
      known.isOld ||= header.msg_type === 'execute_input';
    });
    kernel.statusChanged.connect((_, status) => {
      if (status === 'restarting' || status === 'autorestarting') {
        known.names = NONE;
        known.isOld = true;
      }
    });
    return known;
  }

  private async ask(kernel: Kernel.IKernelConnection, known: Known): Promise<void> {
    try {
      const info = await kernel.info;
      if (info.language_info.name !== 'python') {
        return;
      }
      const reply = await kernel.requestExecute({
        code: '',
        silent: true,
        store_history: false,
        allow_stdin: false,
        user_expressions: { names: EXPRESSION }
      }).done;
      known.names = namesIn(reply.content);
    } catch {
      known.names = NONE; // a kernel that went away has none
    }
  }

  private readonly known = new WeakMap<Kernel.IKernelConnection, Known>();
}

/** The names in a reply: JSON in the `repr` of a text, which has no quotes in it but its own. */
function namesIn(content: KernelMessage.IExecuteReplyMsg['content']): Names {
  const found = (content as KernelMessage.IExecuteReply).user_expressions['names'] as
    { data?: { 'text/plain'?: string } } | undefined;
  const text = found?.data?.['text/plain'];
  return text === undefined
    ? NONE
    : (JSON.parse(text.slice(1, -1).replaceAll('\\\\', '\\')) as Names);
}
