"""The files of a run without a window: each is written completely before it takes the place of an older one."""
