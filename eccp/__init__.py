"""The ECCP Registry: settings, addresses and the parts that belong to no single kind of record."""
