import Datagrams
import Metrics

/// The marks of probes and of their answers.
///
/// An answer gets the traffic class with which its stream is sent, whatever the probe arrived with:
/// so each way shows its own changes. A congestion mark of the way there is in no answer.
extension ResponderLoop where Kernel: ~Copyable {
    /// Counts the marks of the first copies of a batch. Only datagrams with the same header are
    /// coalesced (inet_gro_receive, net/ipv4/af_inet.c).
    mutating func countMarks(_ messages: Int) {
        for index in 0..<messages where firstCopies[index] > 0 && answerFlow[index] >= 0 {
            let stream = Int(streamOfFlow[Int(answerFlow[index])])
            guard let sent = streams[stream].trafficClass else { continue }
            marks[stream].add(
                Int(firstCopies[index]), trafficClass: incoming.trafficClass(index), sent: sent,
                hopLimit: incoming.hopLimit(index))
        }
    }

    /// Has the first messages of a run answered with their stream's mark.
    /// - Returns: The end of the messages with the mark of the first.
    mutating func mark(_ kernel: inout Kernel, _ messages: Range<Int>) -> Int {
        let mark = mark(ofAnswer: messages.lowerBound)
        kernel.mark(mark)
        return messages.first { self.mark(ofAnswer: $0) != mark } ?? messages.upperBound
    }

    private func mark(ofAnswer message: Int) -> UInt8 {
        streams[Int(streamOfFlow[Int(answerFlow[message])])].trafficClass ?? 0
    }
}
