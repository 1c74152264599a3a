import Datagrams
import Metrics

extension ResponderLoop where Kernel: ~Copyable {
    /// Delivers every message of the batch to the room, after its speaker was made a member. A copy
    /// of a delivered message is not delivered again.
    mutating func goRound(_ kernel: inout Kernel, count: Int) {
        for index in 0..<count where answerFlow[index] >= 0 {
            let flow = Int(answerFlow[index])
            let copies = Int(firstCopies[index])
            guard copies > 0 else {
                // A probe of an unconfirmed leap was not delivered.
                if let leap = leaps[flow], leap.batch == batches, leap.message == index {
                    leaps[flow]?.hasEchoFailed = true
                }
                continue
            }
            guard let source = incoming.rawSource(index) else { continue }
            let bytes = incoming.rawSourceBytes(index)
            guard room.heard(from: source, bytes: bytes, atNs: 0) != .full else {
                flows[flow].echoFailed += copies
                continue
            }
            let round = fanOut.send(
                incoming.slot(index), bytes: incoming.length(index), to: room, over: &kernel
            ) { _ in }
            rounds[Int(streamOfFlow[flow])].add(round, members: room.count)
            if round.servesSpeaker {
                flows[flow].echoed += copies
            } else {
                flows[flow].echoFailed += copies
            }
        }
    }

    /// Returns the deliveries of stream `index`; `nil` without a room.
    package func rounds(stream index: Int) -> RoomRounds? {
        room.capacity > 0 ? rounds[index] : nil
    }
}
