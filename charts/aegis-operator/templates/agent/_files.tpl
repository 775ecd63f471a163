{{/* What the agent reads at its beginning, as the data of a ConfigMap. */}}
{{- define "aegis.agentFiles" -}}
{{- $agent := .Values.agent }}
{{- $lease := dict "namespace" .Release.Namespace "name" (printf "%s-agent" (include "aegis.fullname" .)) }}
{{- $kubernetes := dict "lease" $lease }}
{{- with .Values.watchNamespaces }}{{ $_ := set $kubernetes "namespaces" . }}{{ end }}
{{- $metrics := dict "host" "0.0.0.0" "port" 8080 }}
{{- $config := dict "kubernetes" $kubernetes "folder" "/var/lib/aegis-agent/data" "scrapeMs" ($agent.scrapeMs | int) "metrics" $metrics "policy" $agent.policy }}
{{- if $agent.dashboard.enabled }}
{{- $service := printf "%s-dashboard" (include "aegis.fullname" .) }}
{{- $there := printf "%s.%s" $service .Release.Namespace }}
{{- $hosts := list $service $there (printf "%s.svc" $there) (printf "%s.svc.cluster.local" $there) }}
{{- $_ := set $config "dashboard" (dict "host" "0.0.0.0" "port" 4400) }}
{{- $_ := set $config "dashboardHosts" (concat $hosts $agent.dashboard.hosts) }}
{{- end }}
{{- if $agent.forge.secretName }}
{{- $forge := dict "apiUrl" $agent.forge.apiUrl }}
{{- with $agent.forge.repositories }}{{ $_ := set $forge "repositories" . }}{{ end }}
{{- if $agent.forge.app.login }}
{{- $_ := set $forge "app" (dict "login" $agent.forge.app.login "id" $agent.forge.app.id "installationId" ($agent.forge.app.installationId | int64) "keyFile" "/etc/aegis/forge/key") }}
{{- else }}
{{- $_ := set $forge "tokenFile" "/etc/aegis/forge/token" }}
{{- end }}
{{- $_ := set $config "forge" $forge }}
{{- end }}
{{- if $agent.model.settings }}{{ $_ := set $config "model" "/etc/aegis/agent/model.yaml" }}{{ end }}
{{- if $agent.webhooks.settings }}{{ $_ := set $config "webhooks" "/etc/aegis/agent/webhooks.yaml" }}{{ end }}
agent.json: {{ toPrettyJson $config | quote }}
{{- if $agent.model.settings }}
{{- $key := ternary (dict "apiKeyFile" "/etc/aegis/model/key") dict (ne $agent.model.secretName "") }}
model.yaml: {{ merge (deepCopy $agent.model.settings) $key | toYaml | quote }}
{{- end }}
{{- with $agent.webhooks.settings }}
webhooks.yaml: {{ dict "webhooks" . | toYaml | quote }}
{{- end }}
{{- end }}

{{/* The Secrets that are mounted, by the name of the folder. */}}
{{- define "aegis.agentSecrets" -}}
secrets:
{{- with .Values.agent.forge.secretName }}
  - { name: forge, secret: {{ . }} }
{{- end }}
{{- with .Values.agent.model.secretName }}
  - { name: model, secret: {{ . }} }
{{- end }}
{{- with .Values.agent.webhooks.secretName }}
  - { name: webhook-secrets, secret: {{ . }} }
{{- end }}
{{- end }}
