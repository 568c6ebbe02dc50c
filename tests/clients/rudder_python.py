"""Every call of RudderStack's Python client: python rudder_python.py ADDRESS WRITE_KEY."""

import sys

from rudderstack.analytics.client import Client

address, key = sys.argv[1:]
client = Client(key, host=address, timeout=10, gzip=True)
client.identify("rpy-1", {"email": "py@rudder.test", "firstName": "Ada"})
client.track("rpy-1", "Order Completed", {"revenue": 12.5})
client.page("rpy-1", "Docs", "Home", {"url": "http://shop.test/"})
client.screen("rpy-1", "Docs", "Main")
client.group("rpy-1", "g1", {"name": "Acme"})
client.alias("anon-rpy", "rpy-1")
client.track(anonymous_id="anon-rpy", event="Viewed")
client.shutdown()
