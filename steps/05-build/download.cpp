#include "05-build/download.hpp"

#include <fcntl.h>
#include <time.h>

#include <charconv>

#include "04-images/digest.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

// "a%20b": "a b". What is no such number stays.
std::string without_percents(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned byte = 0;
        const char* begin = text.data() + i + 1;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(begin, begin + 2, byte, 16).ptr == begin + 2) {
            result += static_cast<char>(byte);
            i += 2;
        } else {
            result += text[i];
        }
    }
    return result;
}

// Source: RFC 9110, section 5.6.7.
std::optional<time_t> time_of(const HttpHead& head) {
    auto text = head.header("last-modified");
    if (!text) return {};
    tm parts{};
    if (!::strptime(text->c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts))
        return {};
    return ::timegm(&parts);
}

[[noreturn]] void refuse_status(const std::string& url, int status) {
    ErrorKind kind = ErrorKind::Unavailable;
    if (status == 404 || status == 410) kind = ErrorKind::NotFound;
    if (status == 401) kind = ErrorKind::Unauthorized;
    if (status == 403) kind = ErrorKind::Forbidden;
    throw Error(kind, cat("get ", url, ": the server answers ", status));
}

}  // namespace

std::string download_name(std::string_view url) {
    std::string path = without_percents(url.substr(0, url.find_first_of("?#")));
    path = path.substr(path.find("//") + 2);
    std::size_t slash = path.rfind('/');
    std::string name = slash == path.npos ? "" : path.substr(slash + 1);
    bool is_none = name == "." || name == ".." || name.find('\0') != name.npos;
    return is_none ? "" : name;
}

DownloadedFile download(const std::string& url, const std::string& checksum,
                        const HttpOptions& options, const std::string& folder) {
    std::string path = folder + "/download";
    UniqueFd file(check(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600),
        "create ", path));
    Sha256 hash;
    HttpRequest request;
    request.url = parse_url(url);
    constexpr std::uint64_t most_bytes = std::uint64_t{64} << 30;
    request.largest_answer = most_bytes;
    request.sink = [&](const HttpHead&, std::string_view bytes) {
        hash.add(bytes);
        write_all(file.get(), bytes);
    };
    HttpClient client(options);
    HttpResponse answer = client.send(std::move(request));
    if (answer.broken) throw Error(*answer.broken);
    if (answer.status != 200) refuse_status(url, answer.status);
    std::string found = hash.finish().text();
    if (!checksum.empty() && found != checksum)
        throw Error(ErrorKind::DataLoss, cat("get ", url, ": it is ", found,
                                             ", --checksum says ", checksum));
    return {path, download_name(url), time_of(answer)};
}

void check_commit(const std::string& commit, const std::string& checksum) {
    if (commit.starts_with(checksum)) return;
    throw Error(ErrorKind::DataLoss,
                cat("the commit is ", commit, ", --checksum says ", checksum));
}

}  // namespace slipway
