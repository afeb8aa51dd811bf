"""The desk in Slack: conversations that wait, in the channel of who answers for them. See docs/slack.md."""
