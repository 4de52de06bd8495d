import { IconCircleCheckFilled, IconCircleDashed, IconCircleXFilled } from "@tabler/icons-react";

/** The sign of each verdict of a gate. */
export const signs = {
  passed: IconCircleCheckFilled,
  refused: IconCircleXFilled,
  notAsked: IconCircleDashed,
};
