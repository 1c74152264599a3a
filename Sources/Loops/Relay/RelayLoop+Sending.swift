import Datagrams
import Glibc
import Impairment
import Metrics

/// The steps from the pool to the outbox, and from there to the kernel.
extension RelayLoop where Kernel: ~Copyable {
    // MARK: - Held

    /// Releases the datagrams that are due, and those that have waited long enough to be overtaken.
    mutating func release(_ kernel: inout Kernel, nowNs: Int64) {
        var left = Self.releasesPerTurn
        while left > 0, timed.count > 0, timed.nextNs <= nowNs {
            left -= 1
            let slot = timed.removeFirst(pool)
            let datagram = pool.header(slot).pointee.datagram
            if paths.generation(Int(datagram.path)) != datagram.generation {
                // The path may belong to another client by now.
                discard(slot, .flowGone)
            } else if waitsForLater(datagram) {
                wait(&kernel, slot: slot, nowNs: nowNs)
            } else {
                leave(
                    &kernel, datagram, octets: UnsafeRawPointer(pool.payload(slot)), slot: slot)
            }
        }
        while left > 0, firstWaiting >= 0,
            pool.header(firstWaiting).pointee.waitsSinceNs
                + RelayAssignment.overtakePatienceNs <= nowNs
        {
            left -= 1
            expire(&kernel, slot: firstWaiting)
        }
        flush(&kernel)
    }

    /// Drops a held datagram that is in no list any more.
    mutating func discard(_ slot: Int32, _ reason: RelayDrop) {
        let datagram = pool.header(slot).pointee.datagram
        drop(datagram, reason)
        pool.give(slot, bytes: Int(datagram.bytes))
    }

    // MARK: - Staged

    mutating func stage(_ kernel: inout Kernel, slot: Int32) {
        stage(
            &kernel, pool.header(slot).pointee.datagram,
            octets: UnsafeRawPointer(pool.payload(slot)),
            slot: slot)
    }

    mutating func stage(
        _ kernel: inout Kernel, _ datagram: RelayDatagram, octets: UnsafeRawPointer, slot: Int32
    ) {
        if stagedCount == Self.batch { flush(&kernel) }
        (staged + stagedCount).initialize(
            to: Staged(datagram: datagram, octets: octets, slot: slot, isDone: false))
        stagedCount += 1
    }

    // MARK: - Sent

    /// Sends the staged datagrams, with one call per socket.
    mutating func flush(_ kernel: inout Kernel) {
        guard stagedCount > 0 else { return }
        for first in 0..<stagedCount where !staged[first].isDone {
            let datagram = staged[first].datagram
            let endpoint =
                datagram.direction == .forward
                ? RelayEndpoint.target(Int(datagram.path)) : RelayEndpoint.clients
            var count = 0
            for index in first..<stagedCount
            where !staged[index].isDone && isFor(endpoint, staged[index].datagram) {
                staged[index].isDone = true
                if address(index, in: count) {
                    members[count] = Int32(index)
                    count += 1
                }
            }
            send(&kernel, endpoint: endpoint, count: count)
        }
        for index in 0..<stagedCount where staged[index].slot >= 0 {
            pool.give(staged[index].slot, bytes: Int(staged[index].datagram.bytes))
        }
        stagedCount = 0
    }

    @inline(__always)
    private func isFor(_ endpoint: Int, _ datagram: RelayDatagram) -> Bool {
        datagram.direction == .backward
            ? endpoint == RelayEndpoint.clients
            : endpoint == RelayEndpoint.target(Int(datagram.path))
    }

    /// Puts a staged datagram into the outbox.
    /// - Returns: Whether the datagram can still be sent.
    @inline(__always)
    private func address(_ index: Int, in place: Int) -> Bool {
        let datagram = staged[index].datagram
        let path = Int(datagram.path)
        guard paths.generation(path) == datagram.generation else {
            drop(datagram, .flowGone)
            return false
        }
        if datagram.direction == .forward {
            outbox.set(place, octets: staged[index].octets, bytes: Int(datagram.bytes))
            setHeader(of: datagram, in: place)
            return true
        }
        guard isPortOpen else {
            drop(datagram, .refused)
            return false
        }
        outbox.set(
            place, octets: staged[index].octets, bytes: Int(datagram.bytes),
            address: UnsafePointer(paths.address(path)), addressBytes: paths.addressBytes(path))
        setHeader(of: datagram, in: place)
        return true
    }

    @inline(__always)
    private func setHeader(of datagram: RelayDatagram, in place: Int) {
        guard datagram.trafficClass | datagram.hopLimit != 0 else { return }
        outbox.setHeader(
            place, trafficClass: datagram.trafficClass, hopLimit: datagram.hopLimit)
    }

    /// Sends the first `count` datagrams of the outbox, each of which ends in an account.
    ///
    /// An error may concern an earlier datagram: it is consumed, and the datagram whose call failed
    /// is retried once. ENOBUFS and EPERM always concern the datagram itself.
    private mutating func send(_ kernel: inout Kernel, endpoint: Int, count: Int) {
        var index = 0
        var isSecond = false
        var waitedNs: Int64 = 0
        while index < count {
            let atNs = clock.nowNs()
            let result = kernel.send(endpoint, outbox, from: index, count: count - index)
            if result > 0 {
                for place in index..<(index + result) { sent(Int(members[place]), atNs: atNs) }
                index += result
                isSecond = false
                waitedNs = 0
                continue
            }
            let errno = SystemErrno(rawValue: Int32(-result))
            if errno == .tryAgain, waitedNs < Self.sendPatienceNs {
                kernel.waitWritable(endpoint, timeoutNs: Self.sendPatienceNs)
                waitedNs += max(1, clock.nowNs() - atNs)
                continue
            }
            sendErrors.add(errno)
            let canBeOfAnother = errno != .tryAgain && errno != .noBuffers && errno != .notPermitted
            if canBeOfAnother, !isSecond {
                isSecond = true
                readErrors(&kernel, endpoint: endpoint)
            } else {
                drop(staged[Int(members[index])].datagram, .sendFailed)
                index += 1
                isSecond = false
                waitedNs = 0
            }
        }
    }

    @inline(__always)
    private mutating func sent(_ index: Int, atNs: Int64) {
        let datagram = staged[index].datagram
        let side = sides + Int(datagram.direction.rawValue)
        if !datagram.isLate {
            let ownNs = max(0, atNs - datagram.dueNs)
            if ownNs != ownDelayNs { recordOwnDelays() }
            ownDelayNs = ownNs
            ownDelayCount += 1
        }
        if way(ofFlow: Int(datagram.flow), datagram.direction).pointee.delays {
            let untilNs = datagram.isLate ? atNs : datagram.dueNs
            side.pointee.delaysNs.record(max(0, untilNs - datagram.arrivedNs))
        }
        if datagram.isProbe {
            probes.left(
                datagram.wireSequence, flow: Int(datagram.flow), datagram.direction,
                isAltered: !datagram.alterations.isEmpty)
        }
        if datagram.isCopy {
            side.pointee.accounts.duplicated += 1
            return
        }
        side.pointee.accounts.forwarded += 1
        if !datagram.alterations.isEmpty {
            side.pointee.count(datagram.alterations)
            return
        }
        let flow = flows + 2 * Int(datagram.flow) + Int(datagram.direction.rawValue)
        if flow.pointee.left(datagram.number) { side.pointee.accounts.reordered += 1 }
    }

    /// Records the delays of a batch's datagrams, which are equal, together.
    mutating func recordOwnDelays() {
        if ownDelayCount > 0 { ownDelays.record(ownDelayNs, count: ownDelayCount) }
        ownDelayCount = 0
    }
}
