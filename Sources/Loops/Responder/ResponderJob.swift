import Datagrams
import Glibc
import Load
import Metrics
import STAMP

/// The worker of a responder (echo or sink) from its assignment to its result: one lane per thread,
/// all on one address (SO_REUSEPORT).
package final class ResponderJob: Sendable {
    private let assignment: ResponderAssignment
    private let lanes: [ResponderLane]
    private let features: SocketFeatures
    private let control: LoopControl
    private let address: SocketAddress
    private let boundNs: Int64
    private let countsDescriptor: Int?

    package init(_ assignment: ResponderAssignment, control: LoopControl) throws(WorkerFailure) {
        self.assignment = assignment
        self.control = control
        guard let asked = SocketAddress(numeric: assignment.address) else {
            throw WorkerFailure(.own, "\(assignment.address) is no numeric address")
        }
        let key = try assignment.responder.stamp?.key()
        do {
            let wanted = SocketFeatures(
                coalesces: assignment.coalesces, timestamps: assignment.kernelTimestamps,
                reportsMarks: assignment.streams.contains { $0.trafficClass != nil })
            features = try wanted.probed(family: asked.family)
            lanes = try ResponderJob.open(
                assignment, at: asked, features: features, control: control, key: key)
            boundNs = LinuxClock().nowNs()
            countsDescriptor =
                assignment.sharesCounts ? try ResponderJob.shareCounts(of: lanes, assignment) : nil
        } catch {
            throw WorkerFailure(.setUp, "\(error)")
        }
        address = lanes[0].kernel.address
    }

    /// Opens the sockets of all lanes.
    ///
    /// A port that several sockets share could be shared by another process of the same user as
    /// well: a first, exclusive bind proves that the port is free, and the number of sockets on the
    /// port afterwards that no other process bound it in between.
    private static func open(
        _ assignment: ResponderAssignment, at asked: SocketAddress, features: SocketFeatures,
        control: LoopControl, key: AuthenticationKey?
    ) throws(SystemFailure) -> [ResponderLane] {
        let isGroup = assignment.responder.threads > 1
        var address = asked
        if isGroup {
            let exclusive = try DatagramSocket(family: asked.family)
            try exclusive.bind(to: asked)
            address = try exclusive.localAddress()
        }
        var lanes: [ResponderLane] = []
        for _ in 0..<assignment.responder.threads {
            let kernel = try LinuxResponderKernel.open(
                at: address,
                receiveBufferAsked: assignment.responder.receiveBufferBytes
                    ?? LinuxKernel.bufferBytesAsked,
                features: features, sharesPort: isGroup || asked.isGroup,
                kind: assignment.responder.socket)
            if address.isMulticast { try kernel.join(on: if_nametoindex(SendOptions.loopback)) }
            address = kernel.address
            if assignment.responder.stamp != nil { _ = kernel.socket.reportHopLimit() }
            for stream in assignment.streams {
                guard let mark = stream.trafficClass else { continue }
                if let errno = kernel.socket.setTrafficClass(mark) {
                    throw SystemFailure("cannot mark", "the answers of \(address)", errno)
                }
                _ = kernel.socket.setTrafficClass(0)
            }
            lanes.append(
                ResponderLane(
                    assignment, kernel: kernel, features: features, control: control, key: key))
        }
        if isGroup {
            let found = PortUse.sockets(on: address, least: lanes.count)
            guard found == nil || found == lanes.count else {
                throw SystemFailure(
                    "cannot share",
                    "\(address): \(found ?? 0) sockets have it and "
                        + "\(lanes.count) are ours", .addressInUse,
                    advice: "another program of this user joined the port: use another one")
            }
        }
        return lanes
    }

    private static func shareCounts(
        of lanes: [ResponderLane], _ assignment: ResponderAssignment
    ) throws(SystemFailure) -> Int {
        let counts = try SharedCounts(
            lanes: lanes.count, flows: assignment.streams.reduce(0) { $0 + $1.flows })
        for (index, lane) in lanes.enumerated() { lane.sharedMemory = counts.lane(index) }
        return Int(counts.descriptor)
    }

    package func ready() -> Ready {
        var ready = Ready()
        ready.boundNs = boundNs
        ready.countsDescriptor = countsDescriptor
        ready.addresses = [address.description]
        ready.receiveBufferAskedBytes = lanes[0].kernel.receiveBufferAsked
        ready.receiveBufferGrantedBytes = lanes[0].kernel.receiveBufferGranted
        ready.features = FeaturesGranted(features)
        return ready
    }

    /// Sets the source addresses of the flows on all lanes, before they start.
    /// - Parameter sources: The addresses by expected stream and flow.
    /// - Throws: If one of them is not an address.
    package func know(sources: [[String]]) throws(WorkerFailure) {
        var known: [[SocketAddress]] = []
        for stream in sources {
            var addresses: [SocketAddress] = []
            for text in stream {
                guard let address = SocketAddress(numeric: text) else {
                    throw WorkerFailure(.own, "the source \(text) is no numeric address")
                }
                addresses.append(address)
            }
            known.append(addresses)
        }
        for lane in lanes { lane.sources = known }
    }

    /// Starts a thread per lane; `whenDone` is called on the last of them.
    /// - Throws: If a thread cannot be started; the others have ended then.
    package func start(
        startNs: Int64, by launch: DataThread.Launch = DataThread.launch,
        whenDone: @escaping @Sendable () -> Void
    ) throws(WorkerFailure) -> [DataThread] {
        try LaneThreads.start(
            lanes.count, name: "responder", cpus: assignment.cpus, by: launch,
            run: { [self] in lanes[$0].run(startNs: startNs) },
            abandon: { control.stop(drainNs: 0) }, whenDone: whenDone)
    }

    /// Closes every flow on the lane that served it, after the data threads were joined, and
    /// returns the result.
    /// - Throws: If a thread could not receive any more.
    package func result() throws(WorkerFailure) -> ResponderResult {
        if let fault = lanes.lazy.compactMap(\.fault).first {
            throw WorkerFailure(.setUp, fault.sentence(of: "responder"))
        }
        address.removeFile()
        let sent = control.sentByStream
        var streams: [ResponderStreamResult] = []
        for stream in assignment.streams.indices {
            let sentByFlow = stream < sent.count ? sent[stream] : []
            var splitFlows = 0
            for flow in 0..<assignment.streams[stream].flows {
                let servers = lanes.indices.filter { lanes[$0].served(stream, flow) }
                // A flow without arrivals is lost on one lane, not on each.
                for lane in servers.isEmpty ? [0] : servers {
                    lanes[lane].close(
                        stream, flow, sent: flow < sentByFlow.count ? sentByFlow[flow] : nil,
                        countsTail: lane == servers.first ?? 0)
                }
                if servers.count > 1 { splitFlows += 1 }
            }
            streams.append(result(stream, splitFlows: splitFlows))
        }
        var rejected = RejectedCounts()
        var resets = ResetFigures()
        var stalls = StallCounts()
        var receiveErrors: [String: Int] = [:]
        for lane in lanes {
            stalls.add(lane.stalls)
            rejected.add(lane.rejected)
            receiveErrors.merge(lane.receiveErrors, uniquingKeysWith: +)
            resets.add(lane.resets)
        }
        for lane in lanes.dropFirst() {
            lanes[0].mergeStackDelays(lane)
            lanes[0].mergeHeld(lane)
        }
        return ResponderResult(
            streams: streams, drops: .sum(lanes.map(\.drops)),
            datagrams: lanes.reduce(0) { $0 + $1.datagrams }, rejected: rejected,
            receiveErrors: receiveErrors, stackNs: features.timestamps ? lanes[0].stackNs() : nil,
            resets: resets,
            isAlive: resets.ended < lanes.count, stalls: stalls, held: lanes[0].held())
    }

    private func receivedByFlow(_ stream: Int) -> [Int] {
        guard assignment.responder.behaviour == .sink else { return [] }
        return (0..<assignment.streams[stream].flows).map { flow in
            lanes.reduce(0) { $0 + $1.received(stream, flow) }
        }
    }

    private func result(_ stream: Int, splitFlows: Int) -> ResponderStreamResult {
        var counts = lanes[0].counts(stream)
        for lane in lanes.dropFirst() {
            counts.add(lane.counts(stream))
            lanes[0].merge(stream, lane)
        }
        var endTimes = lanes[0].endTimes(stream)
        for lane in lanes.dropFirst() { endTimes.merge(lane.endTimes(stream)) }
        var marks = lanes[0].marks(stream)
        for lane in lanes.dropFirst() {
            if let more = lane.marks(stream) { marks?.add(more) }
        }
        let image = lanes[0].image(stream)
        var figures = lanes[0].figures(stream)
        if image != nil { figures.leaveOutDistributions() }
        return ResponderStreamResult(
            counts: counts, figures: figures, room: lanes[0].rounds(stream),
            splitFlows: splitFlows, receivedByFlow: receivedByFlow(stream), endTimes: endTimes,
            marks: marks, image: image)
    }
}
