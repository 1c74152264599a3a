/// The statement of a host about its own clocks: how far its wall clock is ahead of its monotonic
/// one, and how well the wall clock is synchronized.
///
/// Only CLOCK_REALTIME is set by what disciplines it. CLOCK_MONOTONIC is slewed with it, so that
/// their difference is constant until the wall clock is stepped.
package struct ClockStatement: Codable, Sendable, Equatable {
    /// The wall clock minus the monotonic one, in nanoseconds.
    package var wallAheadNs: Int64
    /// The most by which `wallAheadNs` was misread.
    package var readErrorNs: Int64
    /// The largest error of the wall clock, as its synchronization states it; nil without one that
    /// can be believed, for the reason `doubt`.
    package var errorNs: Int64?
    /// Whether the reference is a hardware clock (PTP), and not a server (NTP).
    package var isPTP: Bool
    /// The end of a sentence that begins with the host: `is not synchronized`.
    package var doubt: String?

    package init(
        wallAheadNs: Int64, readErrorNs: Int64, errorNs: Int64? = nil, isPTP: Bool = false,
        doubt: String? = nil
    ) {
        self.wallAheadNs = wallAheadNs
        self.readErrorNs = readErrorNs
        self.errorNs = errorNs
        self.isPTP = isPTP
        self.doubt = doubt
    }

    /// The largest error that the kernel lets a synchronized clock have (NTP_PHASE_LIMIT,
    /// linux/timex.h).
    package static let errorLimitNs: Int64 = 16_000_000_000

    /// Takes what the kernel has from whatever disciplines the clock (adjtimex(2)).
    ///
    /// An error of 0 is none: systemd-timesyncd sets both errors to 0 after each answer, and
    /// phc2sys the largest alone, whatever the clock's real error is. So a largest error below the
    /// estimated one is not believed either.
    /// - Parameter errors: The largest and the estimated one; nil if it is not synchronized.
    package mutating func take(kernel errors: (mostNs: Int64, estimatedNs: Int64)?) {
        guard let (mostNs, estimatedNs) = errors else {
            (errorNs, doubt) = (nil, "is not synchronized")
            return
        }
        guard estimatedNs > 0, mostNs >= estimatedNs, mostNs < Self.errorLimitNs else {
            errorNs = nil
            doubt =
                "states errors that cannot be (adjtimex: at most \(mostNs) ns, estimated "
                + "\(estimatedNs) ns)"
            return
        }
        (errorNs, isPTP, doubt) = (mostNs, false, nil)
    }

    /// Takes the output of `chronyc -c tracking` (chronyc(1)): the bound is the rest of the
    /// correction, the root dispersion and half of the root delay. A reference `PHC…` is a clock of
    /// the hardware.
    /// - Returns: Whether chrony is synchronized; otherwise nothing is taken.
    package mutating func take(chrony text: String) -> Bool {
        let fields = text.split(
            separator: ",", omittingEmptySubsequences: false
        ).map { $0.filter { !$0.isWhitespace } }
        let (reference, stratum, offset, delay, dispersion, leap) = (1, 2, 4, 10, 11, 13)
        guard fields.count > leap, let level = Int(fields[stratum]), level > 0,
            // Without a source chrony serves its own clock, as 127.127.1.1.
            fields[0] != "7F7F0101", fields[leap] != "Notsynchronised",
            let offsetS = Double(fields[offset]), let delayS = Double(fields[delay]),
            let dispersionS = Double(fields[dispersion])
        else { return false }
        let boundNs = (abs(offsetS) + abs(dispersionS) + abs(delayS) / 2) * 1e9
        guard boundNs > 0, boundNs < Double(Self.errorLimitNs) else { return false }
        errorNs = Int64(boundNs.rounded(.up))
        isPTP = fields[reference].hasPrefix("PHC")
        doubt = nil
        return true
    }

    /// Returns the statement for a time between this one and a later one: the worse of both.
    package func until(_ later: ClockStatement) -> ClockStatement {
        var both = later
        let (moveNs, overflow) = later.wallAheadNs.subtractingReportingOverflow(wallAheadNs)
        guard !overflow, abs(moveNs) <= readErrorNs + later.readErrorNs else {
            (both.errorNs, both.doubt) = (nil, "had its wall clock stepped")
            return both
        }
        both.readErrorNs = max(readErrorNs, later.readErrorNs)
        both.isPTP = isPTP && later.isPTP
        both.doubt = doubt ?? later.doubt
        both.errorNs = errorNs.flatMap { one in later.errorNs.map { max(one, $0) } }
        return both
    }
}
