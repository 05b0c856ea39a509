"""The files of a run: each is written completely before it takes the place of an older one."""
