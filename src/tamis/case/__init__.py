"""The ground: layout, manifest, store, view, custody, decisions."""
