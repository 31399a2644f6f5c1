"""What annotating costs in a person's seconds (SAM 2 paper, §6.1 and appendix E.1.2); waiting for the model is free."""

T_EXAM = 30 / 300  #: to look at a frame of a clip that plays
T_LOC = 1.0  #: to find what to do on a frame that is worked on
T_CLICK = 1.5  #: a click
