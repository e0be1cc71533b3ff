#include "06-engine/network/dns_message.hpp"

#include <algorithm>

#include "06-engine/network/address.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t header_size = 12;
constexpr std::size_t longest_name = 255;
constexpr std::size_t longest_label = 63;
constexpr unsigned response = 0x8000, operation = 0x7800, truncated = 0x0200,
                   recursion_desired = 0x0100, recursion_available = 0x0080,
                   authoritative = 0x0400;

std::uint16_t read16(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint16_t>(
        static_cast<unsigned char>(bytes[at]) << 8 |
        static_cast<unsigned char>(bytes[at + 1]));
}

void put16(std::string& bytes, unsigned value) {
    bytes += static_cast<char>(value >> 8 & 255);
    bytes += static_cast<char>(value & 255);
}

void put32(std::string& bytes, std::uint32_t value) {
    put16(bytes, value >> 16);
    put16(bytes, value & 0xffff);
}

char small(char letter) {
    return letter >= 'A' && letter <= 'Z'
               ? static_cast<char>(letter - 'A' + 'a')
               : letter;
}

//@ begin read-dns-name
// Labels, each behind its length, up to an empty one. A question comes first in
// its message: there is nothing yet that a compressed name could point to.
std::optional<std::string> read_name(std::string_view message,
                                     std::size_t& at) {
    std::string name;
    while (at < message.size()) {
        std::size_t length = static_cast<unsigned char>(message[at++]);
        if (length == 0) return name;
        if (length > longest_label || length > message.size() - at)
            return std::nullopt;
        if (!name.empty()) name += '.';
        for (char letter : message.substr(at, length)) {
            // A dot inside a label would look like two labels.
            if (letter == '.') return std::nullopt;
            name += small(letter);
        }
        at += length;
        if (name.size() > longest_name) return std::nullopt;
    }
    return std::nullopt;
}
//@ end read-dns-name

// Header and question of an answer.
std::string begin_answer(std::string_view query, const DnsQuestion& question,
                         unsigned flags, std::size_t answers) {
    std::string answer;
    put16(answer, question.id);
    put16(answer, response | flags | recursion_available |
                      (read16(query, 2) & recursion_desired));
    put16(answer, 1);
    put16(answer, static_cast<unsigned>(answers));
    put32(answer, 0);  // no authorities, nothing additional
    answer += query.substr(header_size, question.end - header_size);
    return answer;
}

}  // namespace

std::optional<DnsQuestion> parse_dns_query(std::string_view message) {
    if (message.size() < header_size) return std::nullopt;
    unsigned flags = read16(message, 2);
    if ((flags & (response | operation | truncated)) != 0) return std::nullopt;
    if (read16(message, 4) != 1) return std::nullopt;  // questions
    DnsQuestion question{.id = read16(message, 0)};
    std::size_t at = header_size;
    auto name = read_name(message, at);
    if (!name || message.size() - at < 4) return std::nullopt;
    question.name = std::move(*name);
    question.type = read16(message, at);
    question.class_of = read16(message, at + 2);
    question.end = at + 4;
    return question;
}

bool answers_question(std::string_view message, std::string_view query,
                      const DnsQuestion& question) {
    if (message.size() < header_size || (read16(message, 2) & response) == 0 ||
        read16(message, 0) != question.id)
        return false;
    // A server that understood nothing sends the header back alone.
    if (read16(message, 4) == 0) return true;
    if (message.size() < question.end) return false;
    return std::equal(message.begin() + header_size,
                      message.begin() + static_cast<long>(question.end),
                      query.begin() + header_size, [](char one, char other) {
                          return small(one) == small(other);
                      });
}

std::string dns_answer(std::string_view query, const DnsQuestion& question,
                       const std::vector<DnsRecord>& records,
                       std::uint32_t seconds) {
    std::string answer =
        begin_answer(query, question, authoritative, records.size());
    for (const DnsRecord& record : records) {
        // The name is that of the question: a pointer to byte 12.
        put16(answer, 0xc000 | header_size);
        put16(answer, static_cast<unsigned>(record.type));
        put16(answer, 1);  // class: the internet
        put32(answer, seconds);
        put16(answer, static_cast<unsigned>(record.data.size()));
        answer += record.data;
    }
    return answer;
}

std::string dns_failure(std::string_view query, const DnsQuestion& question,
                        DnsCode code) {
    return begin_answer(query, question, static_cast<unsigned>(code), 0);
}

std::string dns_name_bytes(std::string_view name) {
    std::string bytes;
    for (const std::string& label : split(name, '.')) {
        if (label.empty() || label.size() > longest_label) return "";
        bytes += static_cast<char>(label.size());
        bytes += label;
    }
    return bytes + '\0';
}

std::optional<std::string> reverse_address(std::string_view name) {
    constexpr std::string_view suffix = ".in-addr.arpa";
    if (!name.ends_with(suffix)) return std::nullopt;
    std::vector<std::string> parts =
        split(name.substr(0, name.size() - suffix.size()), '.');
    std::reverse(parts.begin(), parts.end());
    auto address = parse_ipv4(join(parts, "."));
    if (!address) return std::nullopt;
    return address->text();
}

}  // namespace slipway
