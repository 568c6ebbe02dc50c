"""Every call of Segment's Python client: python segment_python.py ADDRESS WRITE_KEY."""

import sys

from segment.analytics.client import Client

address, key = sys.argv[1:]
client = Client(key, host=address, timeout=10)
client.identify("py-1", {"email": "py@segment.test", "firstName": "Ada"})
client.track("py-1", "Order Completed", {"revenue": 12.5})
client.page("py-1", "Docs", "Home", {"url": "http://shop.test/"})
client.screen("py-1", "Docs", "Main")
client.group("py-1", "g1", {"name": "Acme"})
client.alias("anon-py", "py-1")
client.track(anonymous_id="anon-py", event="Viewed")
client.shutdown()
