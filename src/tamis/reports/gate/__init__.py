"""The publish-or-hold gate: eighteen questions, thirteen to the case and five to people."""
