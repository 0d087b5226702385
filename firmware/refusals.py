"""Why a broker refuses a connection (MQTT 3.1.1, 3.2.2.3). Loaded when one does, to save memory."""

CONNACK_REASONS = {
    1: "protocol version not supported",
    2: "client id refused",
    3: "broker not available",
    4: "wrong user name or password",
    5: "not authorised (wrong user name or password?)",
}
