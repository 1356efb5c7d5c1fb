/** A word and a sentence for each state of a run and of an execution. */
export const states = {
  run: {
    requested: ['Requested', 'The run was asked for and policy has not answered yet.'],
    denied: ['Denied', 'Policy said no, or a reviewer did.'],
    awaiting_approval: ['Waiting for approval', 'A reviewer of the project has to approve this run.'],
    queued: ['Queued', 'Allowed; waits for a free sandbox.'],
    starting: ['Starting', 'A sandbox is being claimed and probed.'],
    ready: ['Ready', 'The sandbox waits for code.'],
    executing: ['Running', 'A cell is running.'],
    closed: ['Closed', 'Ended in order; the sandbox is destroyed.'],
    failed: ['Failed', 'The run could not be started or carried on.'],
    cancelled: ['Cancelled', 'Somebody ended this run.'],
    expired: ['Expired', 'The run reached its limit of life or idleness.'],
    lost: ['Lost', 'The sandbox or the worker that held it went away; what it did since its last answer is not known.'],
  },
  execution: {
    queued: ['Queued', 'Waits for the cells before it.'],
    running: ['Running', 'The cell is running.'],
    succeeded: ['Succeeded', 'The cell ran to its end.'],
    failed: ['Failed', 'The code raised an error.'],
    timed_out: ['Timed out', 'The cell reached its limit of time and was ended.'],
    out_of_memory: ['Out of memory', 'The cell reached the limit of memory and was ended.'],
    interrupted: ['Interrupted', 'Somebody interrupted the cell, or it never began.'],
    lost: ['Lost', 'The sandbox went away while the cell ran; it is not run twice.'],
  },
} as const;
