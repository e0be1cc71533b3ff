#include "05-build/download.hpp"

#include <fcntl.h>
#include <time.h>

#include "04-images/digest.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

// "https://host/dir/name.tar?x=y": name.tar; nothing if it ends in a slash.
std::string name_in(const Url& url) {
    std::string path = url.text.substr(0, url.text.find_first_of("?#"));
    path = path.substr(path.find("//") + 2);
    std::size_t slash = path.rfind('/');
    return slash == path.npos ? "" : path.substr(slash + 1);
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
    return {path, name_in(answer.url), time_of(answer)};
}

void check_commit(const std::string& commit, const std::string& checksum) {
    if (commit.starts_with(checksum)) return;
    throw Error(ErrorKind::DataLoss,
                cat("the commit is ", commit, ", --checksum says ", checksum));
}

}  // namespace slipway
