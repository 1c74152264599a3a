/// The remedy for a finding: the command that mends it, or the reason why none does.
package struct Remedy: Sendable {
    /// The place where the command is entered.
    package enum Place: String, Encodable, Sendable {
        /// A shell on this machine.
        case here
        /// The command line that starts this container.
        case container
        /// A shell on the host outside this container.
        case host
    }

    /// The command, ready to be copied; nil if none mends it.
    package let mend: String?
    /// The command whose effect survives a restart, which always needs root; nil without one, or if
    /// that of `mend` survives.
    package let mendPersistent: String?
    package let place: Place?
    package let needsRoot: Bool
    /// The reason why no command mends it, as a clause.
    package let unmendable: String?

    static func command(
        _ mend: String, persistent: String? = nil, _ place: Place = .here, needsRoot: Bool
    ) -> Remedy {
        Remedy(
            mend: mend, mendPersistent: persistent, place: place, needsRoot: needsRoot,
            unmendable: nil)
    }

    static func none(_ reason: String) -> Remedy {
        Remedy(
            mend: nil, mendPersistent: nil, place: nil, needsRoot: false, unmendable: reason)
    }

    /// The remedy of what a kernel does not have.
    static let newerKernel = none("another kernel would have to run")
}
