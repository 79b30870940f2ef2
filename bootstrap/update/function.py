"""The rights on the function, its logs, queues, topic, alarms and schedule."""

from bootstrap.names import Names
from components.policy import Statement


def function(names: Names) -> tuple[Statement, ...]:
    """Return the rights on the function and what belongs to it."""
    called = names.called
    function = f"function:{called.function}"
    return (
        Statement(
            "Function",
            (
                "lambda:AddPermission",
                "lambda:CreateAlias",
                "lambda:CreateFunction",
                "lambda:DeleteAlias",
                "lambda:DeleteFunction",
                "lambda:DeleteFunctionConcurrency",
                "lambda:DeleteFunctionEventInvokeConfig",
                "lambda:GetAlias",
                "lambda:GetFunction*",
                "lambda:GetPolicy",
                "lambda:ListTags",
                "lambda:ListVersionsByFunction",
                "lambda:PutFunction*",
                "lambda:RemovePermission",
                "lambda:TagResource",
                "lambda:UntagResource",
                "lambda:UpdateAlias",
                "lambda:UpdateFunction*",
            ),
            names.arns("lambda", function, f"{function}:*"),
        ),
        Statement(
            "Layers",
            (
                "lambda:DeleteLayerVersion",
                "lambda:GetLayerVersion",
                "lambda:PublishLayerVersion",
            ),
            names.arns("lambda", f"layer:{called.layer}", f"layer:{called.layer}:*"),
        ),
        # an event source is known by a random id; which function it calls is the condition
        Statement(
            "EventSources",
            (
                "lambda:CreateEventSourceMapping",
                "lambda:DeleteEventSourceMapping",
                "lambda:UpdateEventSourceMapping",
            ),
            ("*",),
            {"ArnLike": {"lambda:FunctionArn": names.account.arn("lambda", function)}},
        ),
        Statement(
            "KnownEventSources",
            (
                "lambda:GetEventSourceMapping",
                "lambda:ListTags",
                "lambda:TagResource",
                "lambda:UntagResource",
            ),
            names.arns("lambda", "event-source-mapping:*"),
        ),
        Statement(
            "Logs",
            (
                "logs:AssociateKmsKey",
                "logs:CreateLogGroup",
                "logs:DeleteLogGroup",
                "logs:DeleteMetricFilter",
                "logs:DescribeMetricFilters",
                "logs:ListTagsForResource",
                "logs:PutMetricFilter",
                "logs:PutRetentionPolicy",
                "logs:TagResource",
                "logs:UntagResource",
            ),
            names.logs(),
        ),
        Statement("FindLogs", ("logs:DescribeLogGroups",), names.arns("logs", "log-group:*")),
        Statement(
            "Queues",
            (
                "sqs:CreateQueue",
                "sqs:DeleteQueue",
                "sqs:GetQueueAttributes",
                "sqs:ListQueueTags",
                "sqs:SetQueueAttributes",
                "sqs:TagQueue",
                "sqs:UntagQueue",
            ),
            names.arns("sqs", called.failures, called.parked),
        ),
        Statement(
            "Topic",
            (
                "sns:CreateTopic",
                "sns:DeleteTopic",
                "sns:GetSubscriptionAttributes",
                "sns:GetTopicAttributes",
                "sns:ListTagsForResource",
                "sns:SetTopicAttributes",
                "sns:Subscribe",
                "sns:TagResource",
                "sns:Unsubscribe",
                "sns:UntagResource",
            ),
            names.arns("sns", called.lake, f"{called.lake}:*"),
        ),
        Statement(
            "Alarms",
            (
                "cloudwatch:DeleteAlarms",
                "cloudwatch:ListTagsForResource",
                "cloudwatch:PutMetricAlarm",
                "cloudwatch:TagResource",
                "cloudwatch:UntagResource",
            ),
            # the names that go on: a new alarm is to need no run of bootstrap/
            names.arns("cloudwatch", f"alarm:{called.function}-*", f"alarm:{called.server}-*"),
        ),
        Statement("FindAlarms", ("cloudwatch:DescribeAlarms",), ("*",)),
        Statement(
            "Schedule",
            (
                "scheduler:CreateSchedule",
                "scheduler:DeleteSchedule",
                "scheduler:GetSchedule",
                "scheduler:UpdateSchedule",
            ),
            names.arns("scheduler", f"schedule/default/{called.sweep}"),
        ),
    )
