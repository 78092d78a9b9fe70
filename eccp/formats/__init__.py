"""How days and numbers are written where Django's own choice is not ours."""
