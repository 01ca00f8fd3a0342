"""How a detector is trained and calibrated. Nothing outside this package imports it.

- A run: `recipe` says what it depends on, `training` runs the main stage and `contrastive` the one
  before it, `stages` holds what both share, `run_folder` what is kept, `shipping` what may be published;
  `averaging` makes one checkpoint of several.
- The model: `models` makes the one that a run starts from, `objectives` says what it is trained by,
  `losses`, `guidance_losses` and `contrastive_losses` hold the equations.
- Teachers: `teachers` asks other detectors about a run's rows, `taught` keeps what they said.
- A step: `trainer` and its `arguments`, `sampling` (the order of rows), `collator`, `metrics`.
- Calibration: `measured` (rows with their posteriors), `calibration_fit`, `risk_control` (thresholds with
  a guarantee), `calibration_files`.
- Rooms: ``data`` (rows), ``commands`` (`lance-graph train` and `calibrate`).
"""
