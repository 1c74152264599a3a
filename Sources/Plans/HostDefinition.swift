/// Another host on which workers of a plan run, behind the user's own means to start a program
/// there.
package struct HostDefinition: Sendable, Equatable {
    /// The name of the runner's own host in `at`.
    package static let here = "here"
    /// The program on the host if the plan names none: found there by its name.
    package static let defaultProgram = "udplab"

    package let name: String
    /// The words that start a program there, and carry its standard streams: `ssh -T b`. The
    /// program and `agent` are appended; no shell is involved on this side.
    package let launch: [String]
    /// The path of udplab on the host.
    package let program: String
    /// The ports that datagrams may take there; nil for any.
    package let ports: ClosedRange<Int>?
    /// Whether the owner of the host has agreed to the load.
    package let consent: Bool

    package init(
        name: String, launch: [String], program: String = Self.defaultProgram,
        ports: ClosedRange<Int>? = nil, consent: Bool
    ) {
        self.name = name
        self.launch = launch
        self.program = program
        self.ports = ports
        self.consent = consent
    }
}
