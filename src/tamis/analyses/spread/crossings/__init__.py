"""How objects pass from one platform, language, community or clock profile to another."""
