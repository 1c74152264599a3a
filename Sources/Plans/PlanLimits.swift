/// The bounds of a plan, used by reader, messages and JSON Schema.
enum PlanLimits {
    /// The maximum size of the file in bytes.
    static let fileBytesMax = 1 << 20
    /// The maximum size of the plan that runs, as it is printed: a plan of short lines is written
    /// with longer ones.
    static let effectiveBytesMax = 4 << 20
    /// The maximum number of problems listed; the rest are counted.
    static let problemsMax = 100

    /// The maximum number of files that a plan extends, one the other.
    static let basesMax = 8
    static let fileNameBytesMax = 255

    static let networks = 1...64
    static let responders = 0...64
    static let hosts = 0...1_024
    static let hostsOfPath = 2...1_025
    static let hostsOfFleet = 2...1_024
    static let launchWords = 1...64
    static let scenarios = 1...1_000
    static let networksPerScenario = 1...64
    static let senders = 1...64
    static let thresholds = 0...256
    static let commandWords = 1...256
    static let commandWordBytesMax = 4_096
    static let nameBytesMax = 64
    static let titleScalarsMax = 100
    static let thresholdBytesMax = 256

    /// The requests that a sender sends in turn.
    static let requests = 1...1_024
    static let checks = 1...64
    /// The last byte of a datagram.
    static let answerByteMax = 65_506

    static let seed = 0...Int.max
    static let flows = 1...10_000
    /// The sessions of one run; session 0 stays unused.
    static let sessionsOfRun = 65_535
    static let repeats = 1...1_000
    static let count = 1...1_000_000_000_000
    static let window = 1...1_000_000
    static let thinkTime = QuantityRange(.duration, "1us", "1h")
    /// The users of one flow, and of one sender, who think between their requests.
    static let thinkingWindow = 1...256
    static let thinkingUsers = 1...262_144
    static let maxBurst = 1...1_024
    /// The threads of one sender or one responder.
    static let threads = 1...64
    /// The processes of one responder.
    static let instances = 1...32
    static let outputLines = 0...1_000
    /// The last sequence number of a flow; `start_sequence` leaves the first to the plan.
    static let sequenceMax = 1 << 62
    static let startSequence = 0...sequenceMax

    static let rate = QuantityRange(.packetRate, "0.001pps", "100Mpps")
    static let senderBitRate = QuantityRange(.bitRate, "1bit", "1000Gbit")
    /// A payload of a mix: `PayloadSizes.bytesLeast` and more.
    static let mixedPayload = QuantityRange(.size, "28B", "65507B")
    static let mixedSizes = 1...64
    static let weight = 1...1_000_000
    /// The distance of bursts, and the times of an on-off schedule.
    static let burstDistance = QuantityRange(.duration, "1us", "168h")
    static let rateSteps = 2...1_000
    static let stages = 1...100
    /// A send time of a trace.
    static let traceTime = QuantityRange(.duration, "0s", "168h")
    static let payload = QuantityRange(.size, "16B", "65507B")
    /// The payload sizes of which two fit into a UDP_SEGMENT buffer, itself no longer than the
    /// longest datagram.
    static let segmentPayload = QuantityRange(.size, "16B", "32753B")
    static let duration = QuantityRange(.duration, "1ms", "168h")
    static let warmUp = QuantityRange(.duration, "0s", "1h")
    static let timeout = QuantityRange(.duration, "1ms", "60s")
    static let readyTimeout = QuantityRange(.duration, "1ms", "60s")
    /// The share that a trial of a search may lose: with more it would say nothing of a capacity.
    static let searchLoss = QuantityRange(.percentage, "0%", "50%")
    static let searchPrecision = QuantityRange(.percentage, "0.05%", "20%")
    /// The trials of a search: each has a row in the report.
    static let searchTrials = 2...100
    static let searchTime = QuantityRange(.duration, "1s", "168h")
    static let soak = QuantityRange(.duration, "1ms", "1h")
    static let dscp = 0...63
    static let ttl = 1...255
    static let sendBuffer = QuantityRange(.size, "256B", "1GiB")
    static let receiveBuffer = QuantityRange(.size, "256B", "1GiB")
    static let tolerance = QuantityRange(.percentage, "0%", "100%")
    /// The default tolerance. Of a hundred runs of a hundred datagrams on a busy machine, 99 keep
    /// within it, and 93 would keep within a tolerance of 0 (Plans.md, Tolerance).
    static let toleranceDefaultText = "5%"
    static let toleranceDefault = Int(0.05 * Quantity.stepsPerRatio)
    /// The pause of a worker that backs off.
    static let resetPause = QuantityRange(.duration, "1us", "1h")
    static let resetFactor = 1.0...1_000
    static let resetBudget = 0...1_000_000
    /// The datagrams from one port of an ephemeral-port sender: at most those of one sendmmsg(2).
    static let burst = 1...1_024

    /// The MTU: from the minimum of every IPv4 host (RFC 791 §3.2) to the longest IP packet.
    static let mtu = 68...65_535
    static let icmpRatelimit = QuantityRange(.duration, "0ms", "1h")
    static let probability = QuantityRange(.percentage, "0%", "100%")
    /// The delay of a datagram in a network, as in `Impairment.delayMaxNs`.
    static let delay = QuantityRange(.duration, "0s", "60s")
    static let bottleneckRate = QuantityRange(.bitRate, "1kbit", "100Gbit")
    /// The queue of a bottleneck, as in `BottleneckQueue.queueBytesMax`.
    static let queue = QuantityRange(.size, "1B", "1GiB")
    /// The memory limit of a relay, its bookkeeping included.
    static let relayMemory = QuantityRange(.size, "1MiB", "16GiB")
    /// The time of an event of a timeline.
    static let eventTime = QuantityRange(.duration, "0s", "168h")
    static let events = 0...256
    static let windowTime = QuantityRange(.duration, "0s", "168h")
    static let windows = 1...64
    static let period = 1...1_000_000_000
    static let burstLength = 1...1_000_000
    static let lossList = 1...10_000
    static let paretoShape = 0.1...100
    static let reorderDepth = 1...1_000
    static let copies = 1...100
    static let pathBytesMax = 4_096
    /// The maximum size of a file of delays.
    static let traceBytesMax = 4 << 20
    static let traceDelays = 1...100_000

    /// The slots of the sequence window of one flow: the limit of the windows of `Metrics`.
    static let windowSlotsMax = 1 << 26
    /// The memory of the sequence windows of all senders of one run.
    static let memoryBytesMax = 4 << 30
    /// The time of all runs of a plan, one after the other: 366 days.
    static let runTimeNsMax = 366 * 24 * 3_600 * 1_000_000_000
}
