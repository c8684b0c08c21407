"""What should count as similar: chosen by goal, or put together from everything that can be set."""
