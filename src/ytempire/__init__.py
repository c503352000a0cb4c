"""Publish videos through many YouTube channels: at most once, within quota, through crashes."""
