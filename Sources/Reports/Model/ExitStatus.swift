/// The program's exit status; the numbers are part of the interface (Verdicts.md).
package enum ExitStatus: Int32, Sendable, CaseIterable {
    /// Every gate passed.
    case passed = 0
    /// A gate, or the service under test, failed.
    case failed = 99
    /// Inconclusive, invalid or incomplete: neither a pass nor a fail. EX_TEMPFAIL of sysexits(3).
    case inconclusive = 75
    /// The plan is wrong; nothing was sent.
    case planError = 104
    /// Stopped by a signal.
    case stopped = 105
    /// The command line is wrong. EX_USAGE of sysexits(3).
    case usage = 64
    /// A fault of udplab itself. EX_SOFTWARE of sysexits(3).
    case internalFault = 70
}
