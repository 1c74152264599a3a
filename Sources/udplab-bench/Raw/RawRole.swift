/// The part that a process of a raw leg plays.
enum RawRole: String { case sender, responder, relay }
