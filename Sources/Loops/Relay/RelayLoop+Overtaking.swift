import Impairment
import Metrics

/// Datagrams that are due and held until later ones of their flow have arrived.
extension RelayLoop where Kernel: ~Copyable {
    /// Whether a due datagram is held until later ones of its flow have arrived.
    ///
    /// The last datagram that another waits for is sent at once, even if chosen: it could not
    /// overtake if it waited itself. So whatever the probability, a datagram waits for at most as
    /// many later ones as its depth, and each waiting datagram is delivered out of order. Of a flow
    /// in which the share p is chosen, p / (1 + p) are delivered so: half of them at 100 %.
    ///
    /// A copy waits together with its original, and only so.
    func waitsForLater(_ datagram: RelayDatagram) -> Bool {
        guard datagram.holdDepth > 0 else { return false }
        var slot =
            flows[2 * Int(datagram.flow) + Int(datagram.direction.rawValue)].firstWaiting
        while slot >= 0 {
            let header = pool.header(slot)
            let waiting = header.pointee.datagram
            if datagram.isCopy {
                if waiting.number == datagram.number, !waiting.isCopy { return true }
            } else if waiting.holdDepth == 1, waiting.number < datagram.number {
                return false
            }
            slot = header.pointee.nextOfFlow
        }
        return !datagram.isCopy
    }

    /// Has a due datagram wait for later ones; datagrams that already wait count it.
    mutating func wait(_ kernel: inout Kernel, slot: Int32, nowNs: Int64) {
        let header = pool.header(slot)
        let place =
            2 * Int(header.pointee.datagram.flow)
            + Int(header.pointee.datagram.direction.rawValue)
        let flow = flows + place
        if !header.pointee.datagram.isCopy {
            overtake(&kernel, flow: place, by: header.pointee.datagram.number)
        }
        if flow.pointee.waitingCount == Self.waitingLimit {
            expire(&kernel, slot: flow.pointee.firstWaiting)
        }
        header.pointee.datagram.isLate = true
        header.pointee.waitsSinceNs = nowNs
        header.pointee.next = -1
        header.pointee.previous = lastWaiting
        if lastWaiting >= 0 {
            pool.header(lastWaiting).pointee.next = slot
        } else {
            firstWaiting = slot
        }
        lastWaiting = slot
        header.pointee.nextOfFlow = -1
        header.pointee.previousOfFlow = flow.pointee.lastWaiting
        if flow.pointee.lastWaiting >= 0 {
            pool.header(flow.pointee.lastWaiting).pointee.nextOfFlow = slot
        } else {
            flow.pointee.firstWaiting = slot
        }
        flow.pointee.lastWaiting = slot
        flow.pointee.waitingCount += 1
    }

    mutating func unlinkWaiting(_ slot: Int32) {
        let header = pool.header(slot).pointee
        if header.previous >= 0 {
            pool.header(header.previous).pointee.next = header.next
        } else {
            firstWaiting = header.next
        }
        if header.next >= 0 {
            pool.header(header.next).pointee.previous = header.previous
        } else {
            lastWaiting = header.previous
        }
        let place = 2 * Int(header.datagram.flow) + Int(header.datagram.direction.rawValue)
        let flow = flows + place
        if header.previousOfFlow >= 0 {
            pool.header(header.previousOfFlow).pointee.nextOfFlow = header.nextOfFlow
        } else {
            flow.pointee.firstWaiting = header.nextOfFlow
        }
        if header.nextOfFlow >= 0 {
            pool.header(header.nextOfFlow).pointee.previousOfFlow = header.previousOfFlow
        } else {
            flow.pointee.lastWaiting = header.previousOfFlow
        }
        flow.pointee.waitingCount -= 1
    }

    /// Sends a datagram that has not been overtaken as often as it was to be.
    mutating func expire(_ kernel: inout Kernel, slot: Int32) {
        let datagram = pool.header(slot).pointee.datagram
        if !datagram.isCopy {
            sides[Int(datagram.direction.rawValue)].accounts.reorderExpired += 1
        }
        unlinkWaiting(slot)
        stage(&kernel, slot: slot)
    }

    /// Stages a due datagram for the next flush, and after it the datagrams of its flow for which
    /// it is the last one that they wait for.
    mutating func leave(
        _ kernel: inout Kernel, _ datagram: RelayDatagram, octets: UnsafeRawPointer, slot: Int32
    ) {
        stage(&kernel, datagram, octets: octets, slot: slot)
        let flow = 2 * Int(datagram.flow) + Int(datagram.direction.rawValue)
        if flows[flow].firstWaiting >= 0, !datagram.isCopy {
            overtake(&kernel, flow: flow, by: datagram.number)
        }
    }

    /// Decrements the waits of earlier datagrams of `flow`, because datagram `number` is due.
    private mutating func overtake(_ kernel: inout Kernel, flow: Int, by number: UInt64) {
        var slot = flows[flow].firstWaiting
        while slot >= 0 {
            let header = pool.header(slot)
            let next = header.pointee.nextOfFlow
            if header.pointee.datagram.number < number {
                header.pointee.datagram.holdDepth -= 1
                if header.pointee.datagram.holdDepth == 0 {
                    unlinkWaiting(slot)
                    stage(&kernel, slot: slot)
                }
            }
            slot = next
        }
    }
}
