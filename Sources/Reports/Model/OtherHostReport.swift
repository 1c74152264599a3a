/// Another host of a plan, as its agent described it.
package struct OtherHostReport: Codable, Sendable, Equatable {
    /// Its monotonic clock against that of the runner's host.
    package struct Clock: Codable, Sendable, Equatable {
        package var exchanges: Int
        package var roundTripMinNs: Int?
        package var offsetNs: Int?
        package var errorNs: Int?
        package var driftPpm: Double?
        package var isConsistent: Bool
        /// The largest error of the difference by what both hosts state themselves.
        package var statedErrorNs: Int?
        package var statedBy: String?
        /// A sentence why their statements are not believed.
        package var statedRefusal: String?

        package init(
            exchanges: Int, roundTripMinNs: Int?, offsetNs: Int?, errorNs: Int?,
            driftPpm: Double?, isConsistent: Bool, statedErrorNs: Int? = nil,
            statedBy: String? = nil, statedRefusal: String? = nil
        ) {
            self.statedErrorNs = statedErrorNs
            self.statedBy = statedBy
            self.statedRefusal = statedRefusal
            self.exchanges = exchanges
            self.roundTripMinNs = roundTripMinNs
            self.offsetNs = offsetNs
            self.errorNs = errorNs
            self.driftPpm = driftPpm
            self.isConsistent = isConsistent
        }
    }

    package var name: String
    package var launch: [String]
    package var hostname: String?
    package var version: String?
    package var build: String?
    package var kernel: String?
    package var cpus: Int?
    package var rmemMax: Int?
    package var addresses: [String]
    package var wallClockErrorNs: Int?
    package var clock: Clock
    /// A sentence on its loss; nil if it was there to the end.
    package var lost: String?

    package init(
        name: String, launch: [String], hostname: String?, version: String?, build: String?,
        kernel: String?, cpus: Int?, rmemMax: Int?, addresses: [String],
        wallClockErrorNs: Int?, clock: Clock, lost: String?
    ) {
        self.name = name
        self.launch = launch
        self.hostname = hostname
        self.version = version
        self.build = build
        self.kernel = kernel
        self.cpus = cpus
        self.rmemMax = rmemMax
        self.addresses = addresses
        self.wallClockErrorNs = wallClockErrorNs
        self.clock = clock
        self.lost = lost
    }
}
