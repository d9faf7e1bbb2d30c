@rem Windows' shell lacks `exec`, with which the npm scripts begin so that npm's signals reach the launcher.
@%*
