// When to draw. A page that draws in every frame of fast traffic is late in every frame; one that lets some pass
// after a late one keeps scrolling and typing fluid, and shows the same a little later.

/** A frame that takes longer, layout and paint included, is late, ms; the display shows one each 16.7 ms. */
const LATE_MS = 21;
/** So many frames are then left to the browser. */
const REST_FRAMES = 3;

/** @returns {(draw: () => void) => void} calls draw in the next frame, or some later if the last one made a frame late */
export function cadence() {
  let rest = 0;
  return (draw) => {
    const frame = () => {
      if (rest > 0) {
        rest--;
        requestAnimationFrame(frame);
        return;
      }
      const begin = performance.now();
      draw();
      requestAnimationFrame(() => {
        rest = performance.now() - begin > LATE_MS ? REST_FRAMES : 0;
      });
    };
    requestAnimationFrame(frame);
  };
}
