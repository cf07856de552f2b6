"""The process that sends at the second: claim, warm, arm, send, write, recover."""
