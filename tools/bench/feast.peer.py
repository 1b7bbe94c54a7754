"""Makes a Feast repository over the readings, with a feature service of each width, and materialises it into its SQLite online store; Feast serves it afterwards."""
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from feast import Entity, FeatureService, FeatureStore, FeatureView, Field, FileSource, ValueType
from feast.types import Float64

folder, readings, widths = Path(sys.argv[1]), sys.argv[2], [int(width) for width in sys.argv[3].split(",")]
folder.mkdir(parents=True, exist_ok=True)
(folder / "feature_store.yaml").write_text("project: bench\nprovider: local\nregistry: registry.db\nonline_store:\n  type: sqlite\n  path: online.db\noffline_store:\n  type: file\nentity_key_serialization_version: 3\n")
names = [f"reading_{i}" for i in range(max(widths))]
machine = Entity(name="machine", join_keys=["machine"], value_type=ValueType.INT64)
view = FeatureView(name="machines", entities=[machine], ttl=timedelta(days=36500), schema=[Field(name=name, dtype=Float64) for name in names], source=FileSource(path=readings, timestamp_field="taken"))
store = FeatureStore(repo_path=str(folder))
store.apply([machine, view, *[FeatureService(name=f"machines-{width}", features=[view[names[:width]]]) for width in widths]])
store.materialize(datetime(2025, 1, 1, tzinfo=timezone.utc), datetime(2026, 6, 1, tzinfo=timezone.utc))
print("{}")
