// Evaluation in a worker, one text at a time: while one is evaluated, only the newest of the others waits.
const TIME_LIMIT = 10_000;

export class Evaluator {
  #worker;
  #isReady = false;
  #running; // { text, since }
  #waiting;
  #timer;
  #tell;

  // `tell` gets {state, ...}: "starting", "ready", "evaluating", "answered" with `answer`, `text` and `milliseconds`, "ended" with `reason`.
  constructor(tell) {
    this.#tell = tell;
    this.#start();
  }

  evaluate(text) {
    if (this.#running || !this.#isReady) this.#waiting = text;
    else this.#send(text);
  }

  stop() {
    this.#waiting = undefined;
    this.#restart("The evaluation was stopped.");
  }

  #start() {
    // a worker made of a blob inherits the page's Content-Security-Policy, one made of a file would have none
    const program = `import ${JSON.stringify(new URL("worker.js", document.baseURI).href)};`;
    const address = URL.createObjectURL(new Blob([program], { type: "text/javascript" }));
    this.#isReady = false;
    this.#worker = new Worker(address, { type: "module" });
    this.#worker.onmessage = ({ data }) => this.#heard(data);
    this.#worker.onerror = (error) => this.#tell({ state: "ended", reason: `Python could not be started: ${error.message ?? "a file is missing"}` });
    this.#tell({ state: "starting" });
  }

  #heard(data) {
    if (data.ready) {
      this.#isReady = true;
      this.#tell({ state: "ready" });
    } else if (data.failure) {
      const isDeep = /call stack|recursion/i.test(data.failure);
      const reason = isDeep ? "The value is nested more deeply than a browser's stack allows; the command line has no such limit." : data.failure;
      if (this.#running) return this.#restart(reason);
      return this.#tell({ state: "ended", reason });
    } else {
      clearTimeout(this.#timer);
      const { text, since } = this.#running;
      this.#running = undefined;
      this.#tell({ state: "answered", answer: data.answer, text, milliseconds: performance.now() - since });
    }
    return this.#next();
  }

  #next() {
    if (this.#waiting === undefined) return;
    const text = this.#waiting;
    this.#waiting = undefined;
    this.#send(text);
  }

  #send(text) {
    this.#running = { text, since: performance.now() };
    this.#timer = setTimeout(() => this.#restart(`The evaluation was ended after ${TIME_LIMIT / 1000} seconds.`), TIME_LIMIT);
    this.#tell({ state: "evaluating" });
    this.#worker.postMessage(text);
  }

  // Python hears nothing while it evaluates: ending the worker is the one way to stop it
  #restart(reason) {
    clearTimeout(this.#timer);
    const text = this.#running?.text;
    this.#running = undefined;
    this.#worker.terminate();
    this.#tell({ state: "ended", reason, text });
    this.#start();
  }
}
