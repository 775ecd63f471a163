{{/* The release's name, unless the chart's is part of it already. */}}
{{- define "aegis.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 48 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 48 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{- define "aegis.selector" -}}
app.kubernetes.io/name: aegis-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "aegis.labels" -}}
{{ include "aegis.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: aegis
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "aegis.agentSelector" -}}
app.kubernetes.io/name: aegis-agent
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* A digest decides where there is one: {image, default repository, chart}. */}}
{{- define "aegis.imageOf" -}}
{{- $repository := .image.repository | default .repository -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $repository .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (.image.tag | default .version) -}}
{{- end -}}
{{- end }}

{{- define "aegis.image" -}}
{{- include "aegis.imageOf" (dict "image" .Values.image "repository" "aegis" "version" .Chart.AppVersion) -}}
{{- end }}

{{/* Where nothing is said it is that of the operator, which has the agent in it. */}}
{{- define "aegis.agentImage" -}}
{{- $image := .Values.agent.image -}}
{{- if or $image.repository $image.tag $image.digest -}}
{{- include "aegis.imageOf" (dict "image" $image "repository" .Values.image.repository "version" .Chart.AppVersion) -}}
{{- else -}}
{{- include "aegis.image" . -}}
{{- end -}}
{{- end }}

{{- define "aegis.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "aegis.fullname" .) -}}
{{- end }}

{{- define "aegis.agentServiceAccount" -}}
{{- .Values.agent.serviceAccount.name | default (printf "%s-agent" (include "aegis.fullname" .)) -}}
{{- end }}

{{/* How the API server names a service account of this namespace: {name, namespace}. */}}
{{- define "aegis.userOf" -}}
{{- printf "system:serviceaccount:%s:%s" .namespace .name -}}
{{- end }}

{{/* What every container of ours may do: nothing but run. */}}
{{- define "aegis.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{- define "aegis.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{/* Rules for every namespace that is looked after, or for all: {root, name, account, rules}. */}}
{{- define "aegis.rights" -}}
{{- $root := .root }}{{ $name := .name }}{{ $account := .account }}{{ $rules := .rules }}
{{- if $root.Values.watchNamespaces }}
{{- range $root.Values.watchNamespaces }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ $name }}
  namespace: {{ . }}
  labels: {{- include "aegis.labels" $root | nindent 4 }}
rules: {{- $rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ $name }}
  namespace: {{ . }}
  labels: {{- include "aegis.labels" $root | nindent 4 }}
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ $name }} }
subjects:
  - { kind: ServiceAccount, name: {{ $account }}, namespace: {{ $root.Release.Namespace }} }
{{- end }}
{{- else }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ $name }}
  labels: {{- include "aegis.labels" $root | nindent 4 }}
rules: {{- $rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ $name }}
  labels: {{- include "aegis.labels" $root | nindent 4 }}
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {{ $name }} }
subjects:
  - { kind: ServiceAccount, name: {{ $account }}, namespace: {{ $root.Release.Namespace }} }
{{- end }}
{{- end }}
