"""Gateways: exact bytes against a mock transport, behaviour against the simulators."""
