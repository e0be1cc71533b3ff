// DNS messages: RFC 1035, section 4. Only what a forwarder needs: reading one
// question, and answering it or handing it on as it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

enum class DnsType : std::uint16_t { A = 1, Ptr = 12, Aaaa = 28, Any = 255 };
enum class DnsCode : std::uint8_t {
    NoError = 0,
    FormatError = 1,
    ServerFailure = 2,
    NoSuchName = 3,
    NotImplemented = 4,
    Refused = 5,
};

struct DnsQuestion {
    std::uint16_t id = 0;
    std::string name = {};  ///< "web.example", small letters, no dot at the end
    std::uint16_t type = 0, class_of = 0;
    std::size_t end = 0;  ///< where the message goes on behind it
    bool is(DnsType wanted) const {
        return type == static_cast<std::uint16_t>(wanted);
    }
};

/// The question of a query. Empty for whatever is no query with one question
/// that can be read: an answer, another operation, broken bytes.
std::optional<DnsQuestion> parse_dns_query(std::string_view message);

/// Can it be the answer to the question? The same id, the same question.
bool answers_question(std::string_view message, std::string_view query,
                      const DnsQuestion& question);

/// One record of an answer: an address's bytes (A, AAAA), or a name (PTR).
struct DnsRecord {
    DnsType type;
    std::string data;
};
/// Answers that names are this, with `seconds` to remember it.
std::string dns_answer(std::string_view query, const DnsQuestion& question,
                       const std::vector<DnsRecord>& records,
                       std::uint32_t seconds);
std::string dns_failure(std::string_view query, const DnsQuestion& question,
                        DnsCode code);

/// "web.blue" as in a message: lengths and labels. Empty for no name.
std::string dns_name_bytes(std::string_view name);
/// The address that "2.0.17.172.in-addr.arpa" asks for, as "172.17.0.2".
std::optional<std::string> reverse_address(std::string_view name);

}  // namespace slipway
