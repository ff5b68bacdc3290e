// A demo on the kernel that it meets: a step may ask for a kernel setting, and be another one where it is not there.
// The same as Demo.On in playground/demo/kernel.go. Pure.

/** @import {Demo, DemoRun, DemoStep} from '../types.js' */

/**
 * @param {Demo} demo
 * @param {Record<string, string>} lacks the kernel settings that are not there, and why
 * @returns {DemoStep[]} those that keep `if_kernel_has` cannot be done
 */
export function stepsOn(demo, lacks) {
  return demo.steps.map(({ otherwise, ...step }) => {
    const { if_kernel_has: asked, ...plain } = step;
    if (asked === undefined || !Object.hasOwn(lacks, asked)) return plain;
    return otherwise ? { ...plain, ...otherwise } : { ...step, do: undefined, predict: undefined };
  });
}

/** @type {WeakMap<Demo, DemoStep[]>} */
const known = new WeakMap();

/** The steps of a run, each as it was where it ran. @param {Pick<DemoRun, 'demo'|'lacks'>} run */
export function stepsOf(run) {
  let steps = known.get(run.demo);
  if (!steps) {
    steps = stepsOn(run.demo, run.lacks ?? {});
    known.set(run.demo, steps);
  }
  return steps;
}
