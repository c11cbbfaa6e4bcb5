"""The atlas: its starts and outcomes (runs), regions, thresholds from theorems, and traps.   Chapter: atlas.

The experiment itself is `onenn.experiments.atlas`; what stands here needs the mathematics when it is imported.
"""
