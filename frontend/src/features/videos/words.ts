/** Sides of a dataset, and where a video was filmed, as they are chosen from. */
export const SPLITS = ["train", "val", "test"].map((value) => ({ value, label: value }));
export const ENVIRONMENTS = ["Indoor", "Outdoor"].map((value) => ({ value, label: value }));
