// Ways to fail, at places the tests know by the marks in comments. Every text says 'planned', so that a test can tell
// these failures from real ones. Calls take no arguments: engines disagree about the column of those that do.

let make;

function outer() {
  /*@outer*/middle();
}

function middle() {
  /*@middle*/inner();
}

function inner() {
  throw /*@inner*/make();
}

function typeError() {
  return /*@type-error*/new TypeError('planned type error');
}

function chain() {
  const root = new RangeError('planned root cause');
  const between = new TypeError('planned cause between', { cause: root });
  return new Error('planned failure', { cause: between });
}

/** Uncaught: out of a timer, where no caller is there to see it. */
globalThis.throwLater = () => {
  setTimeout(function timer() {
    make = typeError;
    outer();
  });
};

/** An error that the page already has, thrown uncaught. */
globalThis.throwAgain = (error) => {
  setTimeout(function timer() {
    throw error;
  });
};

/** An async function that fails and that nobody waits for. */
globalThis.rejectLater = () => {
  setTimeout(async function timer() {
    make = typeError;
    outer();
  });
};

globalThis.rejectWith = (value) => {
  setTimeout(() => void Promise.reject(value));
};

/** A caught error with a cause that has a cause. */
globalThis.caught = () => {
  try {
    make = chain;
    return outer();
  } catch (error) {
    return error;
  }
};
