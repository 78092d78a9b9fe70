"""Middleware that tells which process answered, so that a change can be seen to reach every one."""

import os


def told(get_response):
    """Name the process in a header of every answer."""

    def answer(request):
        response = get_response(request)
        response["X-Worker"] = str(os.getpid())
        return response

    return answer
